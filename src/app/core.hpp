// Everything below the gates: the three logs, their views, and the hosts that run them.
//
//   records    users, devices, bindings, limits, alarms      applied once durable
//   audit      who did what                                  applied once durable
//   telemetry  what devices sent                             applied as soon as it has its order
#pragma once

#include <memory>

#include "app/data_directory.hpp"
#include "app/settings.hpp"
#include "device/registry.hpp"
#include "fhir/records/record_store.hpp"
#include "fhir/subscriptions/store.hpp"
#include "guard/audit.hpp"
#include "guard/audit_trail.hpp"
#include "guard/identities.hpp"
#include "guard/records.hpp"
#include "log/local_log.hpp"
#include "monitor/alarm_index.hpp"
#include "monitor/alarms.hpp"
#include "monitor/pauses.hpp"
#include "monitor/telemetry.hpp"
#include "view/host.hpp"

namespace salus::app {

namespace asio = boost::asio;

// Lifetime: outlives every gate. Threads: construction and destruction on one; members as their types say.
class Core final : public guard::Records {
 public:
  // Opens, recovers and replays. With damage it comes up readable and not recording (see is_recording()).
  // Errors: unavailable, damaged (views that know more than the log).
  static Result<std::unique_ptr<Core>> open(const DataDirectory& data, const Settings& settings, const Clock& clock,
                                            monitor::Observer* observer);
  ~Core() override;

  asio::awaitable<Result<view::Answer>> submit(log::Draft draft) override;

  // Whether all three partitions take entries; the reason of the first that does not.
  bool is_recording() const;
  std::string not_recording_because() const;
  bool is_damaged() const;

  log::LocalLog& records_log() { return *records_log_; }
  log::LocalLog& audit_log() { return *audit_log_; }
  log::LocalLog& telemetry_log() { return *telemetry_log_; }
  view::Host& records() { return *records_host_; }
  view::Host& audit() { return *audit_host_; }
  view::Host& telemetry() { return *telemetry_host_; }

  // On the records host's thread, and so on.
  const device::Registry& registry() const { return registry_; }
  const monitor::Limits& limits() const { return limits_; }
  const monitor::Alarms& alarms() const { return alarms_; }
  const monitor::AlarmIndex& alarm_index() const { return alarm_index_; }
  const monitor::Pauses& pauses() const { return pauses_; }
  // Any thread.
  fhir::RecordStore& record() { return *record_; }
  const fhir::SubscriptionStore& subscriptions() const { return *subscription_store_; }
  // `news` is called on the records host's thread when there may be events, once they can be read.
  void on_subscription_news(std::function<void()> news);
  monitor::Telemetry& telemetry_view() { return telemetry_; }
  const monitor::Telemetry& telemetry_view() const { return telemetry_; }
  guard::AuditTrail& audit_trail() { return audit_trail_; }
  guard::Directory& directory() { return directory_; }

  // A snapshot of the telemetry view's table, with series under Telemetry::series_prefix. On the telemetry host's
  // thread.
  std::shared_ptr<const view::TableReader> telemetry_snapshot();

 private:
  explicit Core(monitor::Observer* observer) : telemetry_(observer, &worker_) {}
  Result<void> open_logs(const DataDirectory& data, const Settings& settings, const Clock& clock);
  Result<void> open_hosts(const DataDirectory& data, const Settings& settings, const Clock& clock);

  std::unique_ptr<log::Disk> records_disk_, audit_disk_, telemetry_disk_;
  std::unique_ptr<log::LocalLog> records_log_, audit_log_, telemetry_log_;
  guard::Directory directory_;
  guard::Identities identities_{directory_};
  guard::AuditTrail audit_trail_;
  device::Registry registry_;
  monitor::Limits limits_{registry_};
  monitor::Alarms alarms_;
  monitor::Pauses pauses_{registry_};
  monitor::AlarmIndex alarm_index_;
  fhir::Records fhir_records_;
  fhir::Subscriptions subscriptions_{fhir_records_};
  view::Worker worker_{"worker"};
  monitor::Telemetry telemetry_;
  monitor::TelemetryContext telemetry_context_{telemetry_};
  std::unique_ptr<view::Host> records_host_, audit_host_, telemetry_host_;
  std::unique_ptr<fhir::RecordStore> record_;
  std::unique_ptr<fhir::SubscriptionStore> subscription_store_;
};

}  // namespace salus::app
