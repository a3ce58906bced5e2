#include "base/metrics.hpp"

#include <gtest/gtest.h>

#include "base/logging.hpp"

namespace salus {
namespace {

TEST(Metrics, TheSameNameAndLabelsAreTheSameNumber) {
  Metrics registry;
  registry.counter("salus_x_total", "Xs.", {{"kind", "a"}}).add();
  registry.counter("salus_x_total", "Xs.", {{"kind", "a"}}).add(2);
  Gauge gauge = registry.gauge("salus_y", "Ys.");
  registry.before_text([&] { gauge.set(7); });
  registry.histogram("salus_z_seconds", "Zs.", {0.1, 1}).observe(0.5);
  const std::string text = registry.text();
  for (const char* line : {"salus_x_total{kind=\"a\"} 3", "salus_y 7", "salus_z_seconds_bucket{le=\"1\"} 1"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
}

TEST(LogLimit, WithholdsAndCounts) {
  LogLimit limit{2};
  const std::chrono::steady_clock::time_point start{seconds{100}};
  EXPECT_TRUE(limit.ask(start).write);
  EXPECT_TRUE(limit.ask(start).write);
  EXPECT_FALSE(limit.ask(start).write);
  EXPECT_FALSE(limit.ask(start).write);
  const LogLimit::Verdict later = limit.ask(start + seconds{1});
  EXPECT_TRUE(later.write);
  EXPECT_EQ(later.withheld, 2U);
}

TEST(Logging, RefusesALevelThatIsNone) {
  EXPECT_FALSE(set_up_logging("loud"));
  EXPECT_TRUE(set_up_logging("info"));
}

}  // namespace
}  // namespace salus
