__thread int per_thread;
int next(void) { return ++per_thread; }
