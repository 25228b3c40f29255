#include "cli/python.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/args.h"

int vt__python_run(const char *script, const char *option, const char *value)
{
    int result = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execlp("python3", "python3", script, option, value, (char *)NULL);
        fprintf(stderr, "vultus: cannot run python3: %s\n", strerror(errno));
        _exit(EXIT_BROKEN_SETUP);
    }
    if (child < 0 || waitpid(child, &result, 0) < 0 || !WIFEXITED(result)) return EXIT_BROKEN_SETUP;
    return WEXITSTATUS(result);
}
