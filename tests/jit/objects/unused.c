// No one defines what this one needs.
int not_defined_anywhere(void);
int unused(void) { return not_defined_anywhere(); }
