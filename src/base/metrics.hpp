// Numbers about the server itself, in Prometheus's text format. Names begin with `salus_`, carry their unit, and
// counters end in `_total`; labels take few, known values (never an id from outside, which would grow without bound).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace salus {

using Labels = std::map<std::string, std::string>;

// Handles are small, may be copied, and live as long as the registry. Threads: any.
class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  void add(double amount = 1);

 private:
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void set(double value);
  void add(double amount);

 private:
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void observe(double value);

 private:
  prometheus::Histogram* histogram_;
};

// Threads: any.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The same name and labels give the same number again. Requires: one kind per name.
  Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // `bounds` ascend; one more bucket takes what is above the last.
  Histogram histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                      const Labels& labels = {});

  // `refresh` runs before each text(): for numbers that somebody else keeps anyway. It must be short and must not call
  // before_text(). What it refers to must outlive the registry's last text().
  void before_text(std::function<void()> refresh);

  // Everything, as GET /metrics answers it (text/plain; version=0.0.4).
  std::string text();

 private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
};

// The process's registry.
Metrics& metrics();

}  // namespace salus
