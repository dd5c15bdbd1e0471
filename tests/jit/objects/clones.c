__attribute__((target_clones("avx2", "default"))) int cloned(int x) { return 3 * x; }
