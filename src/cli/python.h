/* Programs in Python that stand beside this one in the source folder. */
#ifndef VT_CLI_PYTHON_H
#define VT_CLI_PYTHON_H

/* Runs python3 SCRIPT OPTION VALUE to its end; its output is ours. Its exit code, or 4 where it cannot be run. */
int vt__python_run(const char *script, const char *option, const char *value);

#endif
