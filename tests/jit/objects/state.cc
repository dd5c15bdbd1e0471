// Variables of every kind that one object has and another compile of it goes on with.
struct Counter {
  Counter();
  int value = 0;
};

__attribute__((visibility("hidden"))) int constructed = 0;
Counter::Counter() { ++constructed; }

inline int& Inline() {
  static Counter counter;
  return ++counter.value;
}

int global = 0;
__attribute__((visibility("hidden"))) int hidden = 0;

extern "C" {
int count_global() { return ++global; }
int count_hidden() { return ++hidden; }
int count_inline() { return Inline(); }
int constructions() { return constructed; }
}

#ifdef KILN_EMULATED_TLS
thread_local int per_thread = 0;
extern "C" int count_thread() { return ++per_thread; }
#endif
