//! exports=all
//! opt_level=2
//! sanitize=undefined
/// Adds.
void add(const float* x, const float* y, float* z) { z[0] = x[0] + y[0]; }
double twice(double x, int n, _Bool up) { return up ? x * n : x / n; }
