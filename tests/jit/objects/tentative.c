int tentative[3];
int* first(void) { return tentative; }
