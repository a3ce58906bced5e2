#include "app/server.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>
#include <future>

#include "app/live_socket.hpp"
#include "app/outbox_runner.hpp"
#include "app/screen_runner.hpp"
#include "app/version.hpp"
#include "base/digest.hpp"
#include "base/metrics.hpp"
#include "base/thread.hpp"
#include "fhir/subscriptions/keeper.hpp"
#include "guard/private_file.hpp"

namespace salus::app {
namespace {

using Endpoint = asio::ip::tcp::endpoint;

constexpr std::chrono::microseconds kGateSlice{300};

Result<Endpoint> endpoint_of(const std::string& text, bool tls) {
  auto parsed = parse_address(text);
  if (!parsed) return fail(parsed.error());
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(parsed->host == "localhost" ? "127.0.0.1" : parsed->host, ec);
  if (ec) return fail(ErrorCode::invalid, "'{}' is not an IP address.", parsed->host);
  if (!tls && !address.is_loopback())
    return fail(ErrorCode::invalid,
                "'{}' is not on loopback: nothing listens beyond it without TLS. Use the setting with .tls.", text);
  return Endpoint{address, parsed->port};
}

std::string url_of(const char* scheme, const Endpoint& at) {
  if (at.address().is_unspecified()) return fmt::format("{}://127.0.0.1:{}", scheme, at.port());
  if (at.address().is_v6()) return fmt::format("{}://[{}]:{}", scheme, at.address().to_string(), at.port());
  return fmt::format("{}://{}:{}", scheme, at.address().to_string(), at.port());
}

fhir::validation::Options write_checks(const Settings& settings) {
  const auto check = [](const std::string& text) {
    return text == "on"     ? fhir::validation::Check::on
           : text == "warn" ? fhir::validation::Check::warn
                            : fhir::validation::Check::off;
  };
  fhir::validation::Options options;
  options.bindings = check(settings.fhir_bindings);
  options.references = check(settings.fhir_references);
  options.invariants = check(settings.fhir_invariants);
  options.profiles = check(settings.fhir_profiles);
  return options;
}

// In nanoseconds. Requires: one of its choices.
std::int64_t seconds_in(const std::string& text) {
  return std::int64_t{std::stoi(text)} * 1'000'000'000;
}

// What links to pages are sealed with; made once.
Result<std::string> seal_key_in(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "seal.key";
  auto key = guard::read_small_file(file);
  if (key || key.error().code != ErrorCode::not_found) return key;
  std::string made = random_bytes(32);
  if (auto done = guard::write_private_file(file, made); !done) return fail(done.error());
  return made;
}

asio::awaitable<Result<guard::AuditPage>> query_audit(Core* core, guard::AuditQuery query) {
  auto page = co_await core->audit().read([core, query] { return core->audit_trail().query(query); });
  if (!page) co_return fail(page.error());
  co_return std::move(*page);
}

asio::awaitable<void> summarise_audit(guard::LogAudit* audit) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  while (true) {
    timer.expires_after(seconds{10});
    co_await timer.async_wait(asio::use_awaitable);
    audit->summarise();
  }
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const Settings& settings, const std::string& console_folder) {
  auto server = std::unique_ptr<Server>(new Server());
  if (auto done = server->open(settings, console_folder); !done) return fail(done.error());
  return server;
}

Result<void> Server::open(const Settings& settings, const std::string& console_folder) {
  data_.root = settings.data;
  auto lock = DirectoryLock::take(data_);
  if (!lock) return fail(lock.error());
  lock_ = std::move(*lock);
  auto core = Core::open(data_, settings, clock_, &feed_);
  if (!core) return fail(core.error());
  core_ = std::move(*core);
  feed_.attach(*core_);
  if (core_->is_recording()) {
    auto kept = append_unrecorded(data_, core_->records_log());
    if (!kept) return fail(kept.error());
    if (*kept > 0)
      spdlog::warn("{} alarm changes that could not be recorded in the last life are recorded now.", *kept);
  }
  recovery_ = std::make_unique<RecoveryWatch>(
      data_, *core_, static_cast<std::uint64_t>(settings.reserve_mib + 2 * settings.telemetry_segment_mib) << 20);
  run_threads(settings.threads > 0 ? static_cast<std::size_t>(settings.threads)
                                   : std::max(1U, std::thread::hardware_concurrency()));
  if (auto done = open_guard(settings); !done) return done;
  if (auto done = open_gates(settings, console_folder); !done) return done;
  add_metrics();
  asio::co_spawn(io(), run_outbox(*core_, feed_), asio::detached);
  asio::co_spawn(io(), run_announcements(*ward_), asio::detached);
  asio::co_spawn(subscription_hub_->executor(), subscription_hub_->run(), asio::detached);
  asio::co_spawn(subscription_hub_->executor(),
                 fhir::keep_subscriptions(core_->subscriptions(), *subscription_hub_, clock_), asio::detached);
  asio::co_spawn(asio::make_strand(io()), fhir::deliver_subscriptions(*delivery_), asio::detached);
  asio::co_spawn(io(),
                 run_screen_watch(*ward_, {.silent = seconds{settings.silent_screen_seconds},
                                           .gone = seconds{settings.stations_gone_seconds}}),
                 asio::detached);
  asio::co_spawn(io(), summarise_audit(audit_.get()), asio::detached);
  return listen(settings);
}

void Server::run_threads(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    contexts_.push_back(std::make_unique<asio::io_context>(1));
    work_.push_back(asio::make_work_guard(*contexts_.back()));
    threads_.emplace_back([context = contexts_.back().get(), i] {
      name_thread(fmt::format("gate-{}", i).c_str());
      prefer_latency(kGateSlice);
      context->run();
    });
  }
}

Result<void> Server::wait_for(asio::awaitable<Result<void>> work) {
  std::promise<Result<void>> promise;
  asio::co_spawn(io(), std::move(work), [&](const std::exception_ptr& thrown, Result<void> result) {
    promise.set_value(thrown ? Result<void>(fail(ErrorCode::unavailable, "The server could not finish what it began."))
                             : std::move(result));
  });
  return promise.get_future().get();
}

Result<void> Server::open_guard(const Settings& settings) {
  audit_ = std::make_unique<guard::LogAudit>(core_->audit_log(), clock_);
  auto ca = guard::CertificateAuthority::open(data_.tls(), {.hosts = {settings.name}, .addresses = {}}, clock_.now());
  if (!ca) return fail(ca.error());
  ca_ = std::make_unique<guard::CertificateAuthority>(std::move(*ca));
  if (auto loaded = revocations_.load(ca_->revocations_file()); !loaded) return loaded;
  gatekeeper_ = std::make_unique<guard::Gatekeeper>(core_->directory(), revocations_, *audit_, clock_);
  passwords_ = std::make_unique<guard::Passwords>();
  guard::AccountLimits limits;
  limits.session = std::chrono::hours{settings.session_hours};
  accounts_ = std::make_unique<guard::Accounts>(core_->directory(), *core_, *passwords_, *audit_, clock_, limits);
  guard::PinLimits pins;
  pins.digits_min = static_cast<std::size_t>(settings.pin_digits_min);
  pins.failures_max = static_cast<std::uint32_t>(settings.pin_failures_max);
  pins_ = std::make_unique<guard::Pins>(core_->directory(), *accounts_, *core_, *passwords_, *audit_, clock_, pins);
  stations_ = std::make_unique<guard::Stations>(core_->directory(), *core_, *audit_, clock_);
  auto http_tls = ca_->server_context({.allow_tls12 = settings.tls12});
  if (!http_tls) return fail(http_tls.error());
  http_tls_ = std::move(*http_tls);
  auto mqtt_tls = ca_->server_context(
      {.allow_tls12 = settings.tls12, .ask_client_certificate = true, .revocations = &revocations_});
  if (!mqtt_tls) return fail(mqtt_tls.error());
  mqtt_tls_ = std::move(*mqtt_tls);
  if (!core_->is_recording()) return {};  // readable, and nothing can be appended
  if (auto made = wait_for(accounts_->make_first_administrator(password_file())); !made) return made;
  const auto issue = [](guard::Accounts* accounts, std::string* token) -> asio::awaitable<Result<void>> {
    auto issued = co_await accounts->issue_operator_token();
    if (!issued) co_return fail(issued.error());
    *token = issued->token;
    co_return Result<void>{};
  };
  return wait_for(issue(accounts_.get(), &admin_token_));
}

Result<void> Server::open_gates(const Settings& settings, const std::string& console_folder) {
  router_ = std::make_unique<http::Router>(gatekeeper_.get());
  const auto audit_page = [core = core_.get()](guard::AuditQuery query) { return query_audit(core, std::move(query)); };
  api_ = std::make_unique<ApiContext>(
      ApiContext{*gatekeeper_, core_->directory(), *accounts_, *pins_, *stations_, clock_, audit_page});
  router_->set_confirm_person([pins = pins_.get()](guard::Caller station, std::string proof, std::string peer) {
    return pins->confirm(std::move(station), std::move(proof), std::move(peer));
  });
  ward_ = std::make_unique<WardContext>(
      WardContext{*core_, feed_, hub_, *gatekeeper_, *audit_, *ca_, revocations_, screens_, clock_, clock_.now()});
  for (auto* add : {add_sessions, add_users, add_tokens, add_stations, add_audit}) add(*router_, *api_);
  for (auto* add :
       {add_devices, add_certificates, add_bindings, add_beds, add_codes, add_series, add_patients, add_alarms,
        add_limits, add_pauses, add_escalation, add_screens, add_scores, add_ward, add_status, add_live_socket})
    add(*router_, *ward_);
  auto seal_key = seal_key_in(data_.tls());
  if (!seal_key) return fail(seal_key.error());
  signals_ = std::make_unique<Signals>(*core_);
  fhir_ = std::make_unique<fhir::RestContext>(fhir::RestContext{core_->record(), *audit_, clock_, fhir::random_uuid,
                                                                *seal_key, version, write_checks(settings)});
  subscription_hub_ =
      std::make_unique<fhir::SubscriptionHub>(core_->subscriptions(), *gatekeeper_, clock_, io().get_executor());
  core_->on_subscription_news([hub = subscription_hub_.get()] { hub->wake(); });
  auto receivers = http::parse_origins(settings.fhir_receivers);
  if (!receivers) return within("fhir.receivers", receivers.error());
  fhir_->receivers = {.origins = std::move(*receivers)};
  const auto public_address = parse_address(settings.https.empty() ? settings.http : settings.https);
  if (!public_address) return fail(public_address.error());
  delivery_ = std::make_unique<fhir::DeliveryContext>(
      fhir::DeliveryContext{.store = core_->subscriptions(),
                            .clock = clock_,
                            .rules = fhir_->receivers,
                            .base = fmt::format("{}://{}:{}/fhir", settings.https.empty() ? "http" : "https",
                                                settings.name, public_address->port),
                            .seal_key = *seal_key});
  fhir_->subscriptions = &core_->subscriptions();
  fhir_->hub = subscription_hub_.get();
  fhir::add_subscription_socket(*router_, *subscription_hub_, *gatekeeper_);
  fhir_->signals = signals_.get();
  fhir_->signal_ns = seconds_in(settings.fhir_signal_seconds);
  fhir::add_fhir(*router_, *fhir_);
  http::add_openapi(*router_, version);
  if (auto site = http::StaticSite::load(console_folder)) {
    site_ = std::move(*site);
    router_->set_site(&*site_);
  } else {
    spdlog::warn("The console is not served: {}", site.error().message);
  }
  std::vector<asio::io_context*> contexts;
  for (const auto& context : contexts_) contexts.push_back(context.get());
  http::ServerSettings http_settings;
  http_settings.limits.connections_max = static_cast<std::size_t>(settings.http_connections_max);
  http_settings.limits.body_bytes_max = static_cast<std::size_t>(settings.http_body_bytes_max);
  http_server_ = std::make_unique<http::Server>(contexts, *router_, http_settings);
  intake_ = std::make_unique<LogIntake>(core_->telemetry_log(), feed_, clock_,
                                        log::number(core_->telemetry_log().durable_end().epoch));
  mqtt::Limits limits;
  limits.packet_bytes_max = static_cast<std::size_t>(settings.mqtt_packet_bytes_max);
  limits.connections_max = static_cast<std::size_t>(settings.mqtt_connections_max);
  limits.receive_maximum = static_cast<std::uint16_t>(settings.mqtt_receive_maximum);
  limits.messages_per_s = limits.messages_burst = static_cast<std::uint32_t>(settings.mqtt_messages_per_second);
  mqtt_server_ = std::make_unique<mqtt::Server>(contexts, *gatekeeper_, *intake_, clock_, limits);
  return {};
}

Result<void> Server::listen(const Settings& settings) {
  const auto open = [](auto& server, const std::string& address, asio::ssl::context* tls, const char* scheme,
                       std::string& shown) -> Result<void> {
    if (address.empty()) return {};
    auto endpoint = endpoint_of(address, tls != nullptr);
    if (!endpoint) return fail(endpoint.error());
    auto at = tls != nullptr ? server.listen_tls(*endpoint, *tls) : server.listen(*endpoint);
    if (!at) return within(address, at.error());
    shown = url_of(scheme, *at);
    return {};
  };
  if (auto done = open(*http_server_, settings.http, nullptr, "http", addresses_.http); !done) return done;
  if (auto done = open(*http_server_, settings.https, http_tls_.get(), "https", addresses_.https); !done) return done;
  if (auto done = open(*mqtt_server_, settings.mqtt, nullptr, "mqtt", addresses_.mqtt); !done) return done;
  return open(*mqtt_server_, settings.mqtts, mqtt_tls_.get(), "mqtts", addresses_.mqtts);
}

void Server::add_metrics() {
  metrics().before_text([this] {
    const mqtt::CounterValues gate = mqtt_server_->counters();
    metrics().gauge("salus_mqtt_connections", "Open MQTT connections").set(static_cast<double>(gate.connections));
    metrics().gauge("salus_mqtt_publishes", "Messages taken since the start").set(static_cast<double>(gate.publishes));
    metrics()
        .gauge("salus_mqtt_acknowledged", "PUBACKs of success since the start")
        .set(static_cast<double>(gate.acknowledged));
    metrics().gauge("salus_consoles", "Live feeds open").set(static_cast<double>(hub_.clients()));
    const std::vector<Screen> screens = screens_.list(clock_.now());
    for (const bool audible : {true, false})
      metrics()
          .gauge("salus_screens", "Screens linked, by whether they would be heard",
                 {{"audible", audible ? "yes" : "no"}})
          .set(static_cast<double>(std::ranges::count(screens, audible, &Screen::audible)));
    metrics().gauge("salus_recording", "1 while every partition takes entries").set(core_->is_recording() ? 1 : 0);
    for (const auto& [name, log] : {std::pair{"records", &core_->records_log()},
                                    {"telemetry", &core_->telemetry_log()},
                                    {"audit", &core_->audit_log()}}) {
      const log::LogStatus status = log->status();
      metrics()
          .gauge("salus_log_durable_offset", "One past the last durable entry", {{"partition", name}})
          .set(static_cast<double>(log::number(status.end.offset)));
      metrics().gauge("salus_log_bytes", "Bytes stored", {{"partition", name}}).set(static_cast<double>(status.bytes));
      metrics()
          .gauge("salus_log_syncs", "fdatasync calls since the start", {{"partition", name}})
          .set(static_cast<double>(status.syncs));
    }
  });
}

Result<void> Server::write_ready_file(const std::filesystem::path& file) const {
  json::object ready{{"admin_token", admin_token_}, {"ca", ca_file()}};
  for (const auto& [name, address] : {std::pair{"http", &addresses_.http},
                                      {"https", &addresses_.https},
                                      {"mqtt", &addresses_.mqtt},
                                      {"mqtts", &addresses_.mqtts}})
    if (!address->empty()) ready[name] = *address;
  const std::string fresh = file.string() + ".new";
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);  // it holds a token
  if (descriptor < 0) return fail(ErrorCode::unavailable, "Cannot write '{}'.", fresh);
  const std::string text = json_text(ready) + "\n";
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(descriptor);
  std::error_code ec;
  if (written) std::filesystem::rename(fresh, file, ec);
  if (!written || ec) return fail(ErrorCode::unavailable, "Cannot write '{}'.", file.string());
  return {};
}

void Server::stop() {
  if (mqtt_server_) mqtt_server_->stop(milliseconds{2'000});
  if (http_server_) http_server_->stop(milliseconds{1'000});
  if (audit_) audit_->summarise();
  work_.clear();
  for (const auto& context : contexts_) context->stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Server::~Server() {
  stop();
  recovery_.reset();
  if (auto saved = save_unrecorded(data_, feed_.unrecorded()); !saved)
    spdlog::error("Alarm changes of this life are lost: {}", saved.error().message);
  passwords_.reset();
  core_.reset();  // joins the hosts' threads, which call the feed; answers that still wait are cancelled into the
                  // contexts
  subscription_hub_.reset();
  mqtt_server_.reset();
  http_server_.reset();
  contexts_.clear();
}

}  // namespace salus::app
