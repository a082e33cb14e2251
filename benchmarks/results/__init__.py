"""What the benchmarks last measured, read by lessons through ``course_utils.evaluation.benchmark_results``."""
