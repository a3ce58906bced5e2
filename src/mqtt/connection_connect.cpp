#include <algorithm>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "mqtt/connection.hpp"

namespace salus::mqtt {

void Connection::on_connect(const Frame& frame) {
  const auto packet = decode(frame, Version::v311);
  if (!packet) {
    Counters::add(hub_->counters.protocol_errors);
    return refuse_connect(packet.error().reason, peek_version(frame.body));
  }
  const auto& connect = std::get<Connect>(*packet);
  who_.version = connect.version;
  rights_ = hub_->authority.revision();  // before asking anything, so that a change meanwhile is seen later
  if (const auto reason = admit(connect)) return refuse_connect(*reason, connect.version);

  connected_ = true;
  const Owners::Owner previous = hub_->owners.enter(owner_key(), {core_, who_.number});
  if (previous.core) {
    Counters::add(hub_->counters.takeovers);
    previous.core->ask_to_end(previous.session, Reason::taken_over);
  }
  welcome(connect, connect.client_id.empty());
  hub_->intake.came(who_);
}

// Nothing when they may come in. Cheap and certain refusals first, so that strangers cost little.
std::optional<Reason> Connection::admit(const Connect& connect) {
  if (too_many_) return Reason::quota_exceeded;
  if (hub_->stopping) return Reason::server_unavailable;
  if (connect.properties.text(Property::authentication_method)) return Reason::bad_authentication_method;
  if (!connect.client_id.empty() && !is_device_id(connect.client_id)) return Reason::client_id_invalid;
  // MQTT-3.1.3-8: a session that is to be kept needs a name.
  if (connect.client_id.empty() && connect.version == Version::v311 && !connect.clean_start)
    return Reason::client_id_invalid;
  if (connect.will && connect.will->qos == 2) return Reason::qos_not_supported;              // MQTT-3.2.2-12
  if (connect.will && connect.will->retain && is_v5()) return Reason::retain_not_supported;  // MQTT-3.2.2-13
  if (const auto reason = sign_in(connect)) return reason;
  return take_will(connect);
}

std::optional<Reason> Connection::sign_in(const Connect& connect) {
  guard::Credentials shown;
  shown.client_id = connect.client_id;
  shown.user_name = connect.user_name.value_or(ByteView{});
  shown.secret = connect.password.value_or(ByteView{});
  shown.peer = who_.peer;
  if (const auto certificate = stream_->certificate()) {
    shown.certificate_sha256 = certificate->sha256;
    shown.certificate_name = certificate->common_name;
  }
  Result<guard::Caller> caller = hub_->authority.sign_in(shown);
  if (!caller) return connack_reason(caller.error().code);
  who_.caller = std::move(*caller);
  const bool is_device = who_.caller.kind == guard::Caller::Kind::device;
  // A device has one name in all places; a person may have several programs open, and need not name them.
  if (is_device && who_.caller.id != connect.client_id) return Reason::client_id_invalid;
  who_.client_id = connect.client_id.empty() ? "salus-" + to_hex(random_bytes(8)) : std::string(connect.client_id);
  return std::nullopt;
}

std::optional<Reason> Connection::take_will(const Connect& connect) {
  if (!connect.will) return std::nullopt;
  const Will& will = *connect.will;
  if (!hub_->authority.permit(who_.caller, guard::Action::publish, will.topic)) return Reason::not_authorized;
  // A will delay never matters: sessions end with their connection, and then it is published (MQTT-3.1.3-9).
  will_ = std::make_shared<Published>(Published{.topic = std::string(will.topic),
                                                .payload = std::string(will.payload),
                                                .properties = properties_to_forward(will.properties),
                                                .qos = will.qos,
                                                .publisher = who_.number,
                                                .expiry_s = will.properties.number(Property::message_expiry_s)});
  return std::nullopt;
}

// `version` is nothing where it could not be told from what came; then there is no language to answer in.
void Connection::refuse_connect(Reason reason, std::optional<Version> version) {
  Counters::add(hub_->counters.refused_connections);
  if (reason == Reason::unsupported_version && !version) {
    encode(out_, Connack{.code = 1}, Version::v311);  // 3.1.2.2: what clients of other versions understand
  } else if (version == Version::v5) {
    encode(out_, Connack{.code = number(reason)}, Version::v5);
  } else if (version == Version::v311) {
    if (const auto code = connack_code_311(reason)) encode(out_, Connack{.code = *code}, Version::v311);
  }
  end(reason);
}

void Connection::welcome(const Connect& connect, bool assigned) {
  const Limits& limits = hub_->limits;
  in_.allow(std::max(limits.packet_bytes_max, std::size_t{64 * 1024}));
  frame_limits_.packet_bytes_max = limits.packet_bytes_max;
  const auto idle_s = static_cast<std::uint16_t>(std::min<std::int64_t>(limits.idle_max.count(), 0xFFFF));
  const bool own_keep_alive = connect.keep_alive_s == 0 || connect.keep_alive_s > idle_s;
  // MQTT-3.1.2-24 of 3.1.1: one and a half times what the client said.
  silence_max_ = connect.keep_alive_s > 0 ? milliseconds{1500} * connect.keep_alive_s : milliseconds{limits.idle_max};
  if (own_keep_alive && is_v5()) silence_max_ = milliseconds{1500} * idle_s;

  const std::uint32_t wanted = connect.properties.number(Property::receive_maximum).value_or(0xFFFF);
  outgoing_ids_ = PacketIds{static_cast<std::uint16_t>(std::min<std::uint32_t>(wanted, limits.outgoing_window))};
  client_packet_bytes_max_ = connect.properties.number(Property::packet_bytes_max).value_or(varint_max);

  PropertyWriter properties;
  if (is_v5()) {
    aliases_.resize(limits.topic_alias_maximum);
    properties.number(Property::session_expiry_s, 0)
        .number(Property::receive_maximum, limits.receive_maximum)
        .number(Property::maximum_qos, 1)
        .number(Property::retain_available, 0)
        .number(Property::packet_bytes_max, static_cast<std::uint32_t>(limits.packet_bytes_max))
        .number(Property::topic_alias_maximum, limits.topic_alias_maximum)
        .number(Property::subscription_ids_available, 0)
        .number(Property::shared_available, 0);
    if (assigned) properties.text(Property::assigned_client_id, who_.client_id);
    if (own_keep_alive) properties.number(Property::server_keep_alive_s, idle_s);
  }
  encode(out_, Connack{.properties = properties.view()}, who_.version);
}

std::string Connection::owner_key() const {
  // A user who takes a device's id as client id does not take its session.
  if (who_.caller.kind == guard::Caller::Kind::device) return "device/" + who_.client_id;
  return "user/" + who_.caller.id + "/" + who_.client_id;
}

}  // namespace salus::mqtt
