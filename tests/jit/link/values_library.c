// A shared library for code to be linked against.
int kiln_inputs_value(void) { return 5; }
int kiln_test_library_value(void) { return 5; }

static int* told;
void kiln_test_library_tell(int* closed) { told = closed; }
__attribute__((destructor)) static void Close(void) {
  if (told != 0) *told = 1;
}
