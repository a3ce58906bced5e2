#include "base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>

namespace salus {

struct Metrics::Registry {
  prometheus::Registry registry;
  std::mutex mutex;  // of `refreshers`
  std::vector<std::function<void()>> refreshers;
};

void Counter::add(double amount) {
  counter_->Increment(amount);
}
void Gauge::set(double value) {
  gauge_->Set(value);
}
void Gauge::add(double amount) {
  gauge_->Increment(amount);
}
void Histogram::observe(double value) {
  histogram_->Observe(value);
}

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  return Counter{prometheus::BuildCounter().Name(name).Help(help).Register(registry_->registry).Add(labels)};
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return Gauge{prometheus::BuildGauge().Name(name).Help(help).Register(registry_->registry).Add(labels)};
}

Histogram Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                             const Labels& labels) {
  return Histogram{
      prometheus::BuildHistogram().Name(name).Help(help).Register(registry_->registry).Add(labels, bounds)};
}

void Metrics::before_text(std::function<void()> refresh) {
  const std::lock_guard lock(registry_->mutex);
  registry_->refreshers.push_back(std::move(refresh));
}

std::string Metrics::text() {
  const std::lock_guard lock(registry_->mutex);
  for (const auto& refresh : registry_->refreshers) refresh();
  return prometheus::TextSerializer{}.Serialize(registry_->registry.Collect());
}

Metrics& metrics() {
  static Metrics registry;
  return registry;
}

}  // namespace salus
