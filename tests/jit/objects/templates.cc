// COMDAT sections, exception tables and thrown classes, and nothing that runs by itself.
struct Fault {
  virtual ~Fault() {}
  int code = 7;
};

template <typename T>
T Twice(T x) {
  static T calls = 0;
  if (x < 0) throw Fault();
  return 2 * x + calls++;
}

extern "C" int twice(int x) {
  try {
    return Twice(x) + static_cast<int>(Twice(static_cast<double>(x)));
  } catch (const Fault& fault) {
    return fault.code;
  }
}
