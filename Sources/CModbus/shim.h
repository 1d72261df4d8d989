#include <modbus.h>
/* openpty(), for the simulators' end of a serial line: Glibc's own module leaves it out. */
#include <pty.h>
