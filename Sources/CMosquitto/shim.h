#include <mosquitto.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

/* glibc declares it only under _GNU_SOURCE, which the importer does not set. */
extern int pthread_setname_np(pthread_t thread, const char *name);
