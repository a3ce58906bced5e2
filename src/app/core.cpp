#include "app/core.hpp"

#include "app/version.hpp"

namespace salus::app {
namespace {

view::HostOptions host_options(const DataDirectory& data, const char* partition, const Settings& settings) {
  view::HostOptions options;
  options.directory = data.views(partition).string();
  options.partition = partition;
  options.checkpoint_interval = seconds{settings.checkpoint_seconds};
  return options;
}

log::LocalLogOptions log_options(const char* partition, std::uint64_t segment_bytes, const Settings& settings) {
  log::LocalLogOptions options;
  options.store.partition = partition;
  options.store.segment_bytes = segment_bytes;
  options.stall_max = seconds{settings.stall_seconds};
  options.version = version;
  return options;
}

}  // namespace

Result<std::unique_ptr<Core>> Core::open(const DataDirectory& data, const Settings& settings, const Clock& clock,
                                         monitor::Observer* observer) {
  auto core = std::unique_ptr<Core>(new Core(observer));
  if (auto done = core->open_logs(data, settings, clock); !done) return fail(done.error());
  if (auto done = core->open_hosts(data, settings, clock); !done) return fail(done.error());
  return core;
}

Result<void> Core::open_logs(const DataDirectory& data, const Settings& settings, const Clock& clock) {
  for (auto [partition, disk] :
       {std::pair{"records", &records_disk_}, {"audit", &audit_disk_}, {"telemetry", &telemetry_disk_}}) {
    auto opened = log::open_posix_disk(data.log(partition).string());
    if (!opened) return fail(opened.error());
    *disk = std::move(*opened);
  }
  const auto open = [&](log::Disk& disk, log::LocalLogOptions options,
                        std::unique_ptr<log::LocalLog>& log) -> Result<void> {
    auto opened = log::LocalLog::open(disk, clock, std::move(options));
    if (!opened) return fail(opened.error());
    log = std::move(*opened);
    return {};
  };
  if (auto done = open(*records_disk_, log_options("records", 16 << 20, settings), records_log_); !done) return done;
  if (auto done = open(*audit_disk_, log_options("audit", 8 << 20, settings), audit_log_); !done) return done;
  auto options = log_options("telemetry", static_cast<std::uint64_t>(settings.telemetry_segment_mib) << 20, settings);
  options.store.reserve_bytes = static_cast<std::uint64_t>(settings.reserve_mib) << 20;
  options.stamp = [this] { return records_log_->durable_end().offset; };
  return open(*telemetry_disk_, std::move(options), telemetry_log_);
}

Result<void> Core::open_hosts(const DataDirectory& data, const Settings& settings, const Clock& clock) {
  // Identities first: what it refuses, the registry must not see.
  auto records_options = host_options(data, "records", settings);
  records_options.packing = view::Packing::dense;
  auto records = view::Host::open(
      std::move(records_options), *records_log_, clock,
      {&identities_, &registry_, &limits_, &alarms_, &alarm_index_, &pauses_, &fhir_records_, &subscriptions_});
  if (!records) return fail(records.error());
  records_host_ = std::move(*records);
  records_host_->share(fhir_records_);
  records_host_->share(subscriptions_);
  record_ = std::make_unique<fhir::RecordStore>(*records_host_, fhir_records_, records_log_->bodies());
  subscription_store_ = std::make_unique<fhir::SubscriptionStore>(*records_host_, subscriptions_, *record_);
  auto audit = view::Host::open(host_options(data, "audit", settings), *audit_log_, clock, {&audit_trail_});
  if (!audit) return fail(audit.error());
  audit_host_ = std::move(*audit);
  auto options = host_options(data, "telemetry", settings);
  options.provisional = true;
  auto telemetry =
      view::Host::open(options, *telemetry_log_, clock, {&telemetry_}, {records_log_.get(), {&telemetry_context_}});
  if (!telemetry) return fail(telemetry.error());
  telemetry_host_ = std::move(*telemetry);
  return {};
}

// Hosts wait until what is durable is applied, so they go before their logs; telemetry reads records' log, so it goes
// first.
Core::~Core() {
  subscription_store_.reset();
  record_.reset();
  telemetry_host_.reset();
  audit_host_.reset();
  records_host_.reset();
}

asio::awaitable<Result<view::Answer>> Core::submit(log::Draft draft) {
  co_return co_await records_host_->submit(std::move(draft));
}

void Core::on_subscription_news(std::function<void()> news) {
  // Apply says it before the cut is published; what is posted runs behind that.
  records_host_->run(
      [this, news = std::move(news)] { subscriptions_.on_news([this, news] { records_host_->post(news); }); });
}

bool Core::is_recording() const {
  return !records_log_->has_failed() && !audit_log_->has_failed() && !telemetry_log_->has_failed();
}

bool Core::is_damaged() const {
  return records_log_->is_damaged() || audit_log_->is_damaged() || telemetry_log_->is_damaged();
}

std::string Core::not_recording_because() const {
  for (const auto* log : {records_log_.get(), telemetry_log_.get(), audit_log_.get()})
    if (log->has_failed()) return log->status().reason;
  return {};
}

std::shared_ptr<const view::TableReader> Core::telemetry_snapshot() {
  return telemetry_host_->snapshot(telemetry_);
}

}  // namespace salus::app
