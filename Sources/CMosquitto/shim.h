#include <mosquitto.h>
#include <pthread.h>

/* glibc declares it only under _GNU_SOURCE, which the importer does not set. */
extern int pthread_setname_np(pthread_t thread, const char *name);
