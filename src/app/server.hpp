// The whole server: core, guard, gates, in the order in which they depend on each other.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "app/api/context.hpp"
#include "app/api/ward_context.hpp"
#include "app/intake.hpp"
#include "app/recovery.hpp"
#include "app/signals.hpp"
#include "fhir/rest/context.hpp"
#include "fhir/subscriptions/delivery.hpp"
#include "fhir/subscriptions/hub.hpp"
#include "guard/accounts.hpp"
#include "guard/certificate_authority.hpp"
#include "guard/gatekeeper.hpp"
#include "guard/passwords.hpp"
#include "guard/pins.hpp"
#include "guard/stations.hpp"
#include "http/server.hpp"
#include "http/static_site.hpp"
#include "mqtt/server.hpp"

namespace salus::app {

// Where a running server answers; empty: not there.
struct Addresses {
  std::string http, https, mqtt, mqtts;
};

// Lifetime: one per process. Threads: start and stop on the main thread.
class Server {
 public:
  // Everything answers when this returns. Errors: unavailable (an address in use, a disk that refuses), conflict
  // (another server has the data directory), damaged.
  static Result<std::unique_ptr<Server>> start(const Settings& settings, const std::string& console_folder);
  ~Server();

  const Addresses& addresses() const { return addresses_; }
  const std::string& admin_token() const { return admin_token_; }
  std::string ca_file() const { return ca_->ca_file().string(); }
  std::filesystem::path password_file() const { return data_.root / "admin-password"; }
  Core& core() { return *core_; }
  const Clock& clock() const { return clock_; }
  asio::io_context& io() { return *contexts_.front(); }
  // Whether the disk has refused and works again (recovery.hpp).
  bool should_restart() const { return recovery_ && recovery_->should_restart(); }

  // {"http":"http://127.0.0.1:8080", …, "admin_token", "ca"}, written whole. Errors: unavailable.
  Result<void> write_ready_file(const std::filesystem::path& file) const;

  // Runs a coroutine on the server's own threads and waits for it.
  Result<void> wait_for(asio::awaitable<Result<void>> work);

 private:
  Server() = default;
  Result<void> open(const Settings& settings, const std::string& console_folder);
  Result<void> open_guard(const Settings& settings);
  Result<void> open_gates(const Settings& settings, const std::string& console_folder);
  Result<void> listen(const Settings& settings);
  void add_metrics();
  void run_threads(std::size_t count);
  void stop();

  using Work = asio::executor_work_guard<asio::io_context::executor_type>;

  SystemClock clock_;
  DataDirectory data_;
  std::unique_ptr<DirectoryLock> lock_;
  LiveHub hub_{clock_};
  Screens screens_;
  LiveFeed feed_{hub_};
  std::unique_ptr<Core> core_;
  std::unique_ptr<guard::LogAudit> audit_;
  std::unique_ptr<guard::CertificateAuthority> ca_;
  guard::Revocations revocations_;
  std::unique_ptr<guard::Gatekeeper> gatekeeper_;
  std::unique_ptr<guard::Passwords> passwords_;
  std::unique_ptr<guard::Accounts> accounts_;
  std::unique_ptr<guard::Pins> pins_;
  std::unique_ptr<guard::Stations> stations_;
  std::unique_ptr<asio::ssl::context> http_tls_, mqtt_tls_;
  std::vector<std::unique_ptr<asio::io_context>> contexts_;
  std::vector<Work> work_;
  std::vector<std::thread> threads_;
  std::unique_ptr<ApiContext> api_;
  std::unique_ptr<WardContext> ward_;
  std::unique_ptr<fhir::SubscriptionHub> subscription_hub_;
  std::unique_ptr<fhir::DeliveryContext> delivery_;
  std::unique_ptr<Signals> signals_;
  std::unique_ptr<fhir::RestContext> fhir_;
  std::unique_ptr<http::Router> router_;
  std::optional<http::StaticSite> site_;
  std::unique_ptr<http::Server> http_server_;
  std::unique_ptr<LogIntake> intake_;
  std::unique_ptr<mqtt::Server> mqtt_server_;
  std::unique_ptr<RecoveryWatch> recovery_;
  Addresses addresses_;
  std::string admin_token_;
};

}  // namespace salus::app
