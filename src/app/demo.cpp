#include "app/demo.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "log/kinds.hpp"
#include "sim/live.hpp"

namespace salus::app {
namespace {

constexpr const char* kWard = "Demo";

asio::awaitable<Result<void>> submit(Core* core, log::Kind kind, json::object body) {
  body["by"] = "salus demo";
  auto answer = co_await core->submit({kind, 1, json_text(body), 0});
  if (!answer) co_return fail(answer.error());
  co_return Result<void>{};
}

// A bed that an earlier demo made keeps its key and its binding.
asio::awaitable<Result<void>> prepare(Core* core, std::string device, std::size_t number) {
  if (core->directory().device(device)) co_return Result<void>{};
  const std::string key = to_base64(random_bytes(32));
  auto made = co_await submit(
      core, log::kind::device_put,
      {{"id", device},
       {"name", fmt::format("Simulated monitor {}", number)},
       {"model", "salus demo"},
       {"ward", kWard},
       {"simulated", true},
       {"status", "enabled"},
       {"enabled", true},
       {"authentication",
        {{"type", "sas"}, {"symmetricKey", {{"primaryKey", key}, {"secondaryKey", to_base64(random_bytes(32))}}}}}});
  if (!made) co_return made;
  co_return co_await submit(
      core, log::kind::binding_set,
      {{"device", device},
       {"bed", fmt::format("B{:02}", number)},
       {"ward", kWard},
       {"patient", {{"id", fmt::format("SIM-{:04}", number)}, {"label", fmt::format("SIM {:04}", number)}}}});
}

}  // namespace

struct Demo::Running {
  asio::io_context io{1};
  std::vector<std::unique_ptr<sim::Publisher>> publishers;
  std::thread thread;
};

Result<void> Demo::start() {
  const auto address = parse_address(server_.addresses().mqtts.substr(std::string_view("mqtts://").size()));
  if (!address) return fail(ErrorCode::invalid, "The demo needs the MQTT listener with TLS; set mqtt.tls.");
  running_ = std::make_unique<Running>();
  const auto ward = sim::demo_ward();
  for (std::size_t i = 0; i < ward.size(); ++i) {
    const std::string device = fmt::format("demo-{:02}", i + 1);
    if (auto done = server_.wait_for(prepare(&server_.core(), device, i + 1)); !done) return done;
    const auto proof = server_.core().directory().device(device);
    if (!proof)
      return fail(ErrorCode::conflict, "Device '{}' is gone; start the demo on a directory of its own.", device);
    sim::PublisherOptions options;
    options.server = {
        .host = address->host, .port = address->port, .tls = mqtt::ClientTls{.ca_file = server_.ca_file()}};
    options.device = device;
    options.key = proof->primary_key;
    running_->publishers.push_back(std::make_unique<sim::Publisher>(options));
    auto scenario = sim::find_scenario(ward[i].scenario);
    if (!scenario) return fail(scenario.error());
    sim::Patient patient{ward[i], std::move(*scenario), {.seed = i + 1}};
    asio::co_spawn(running_->io, sim::live(std::move(patient), *running_->publishers.back(), server_.clock()),
                   asio::detached);
  }
  running_->thread = std::thread([io = &running_->io] { io->run(); });
  return {};
}

Demo::Demo(Server& server) : server_(server) {}

Demo::~Demo() {
  if (!running_) return;
  running_->io.stop();
  if (running_->thread.joinable()) running_->thread.join();
}

}  // namespace salus::app
