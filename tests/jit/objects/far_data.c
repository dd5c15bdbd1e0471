extern int kiln_far_variable;
int read_far(void) { return kiln_far_variable; }
