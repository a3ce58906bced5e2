#include "mqtt/reason.hpp"

namespace salus::mqtt {

std::string_view name(Reason reason) {
  switch (reason) {
    case Reason::success:
      return "success";
    case Reason::granted_qos1:
      return "granted_qos1";
    case Reason::disconnect_with_will:
      return "disconnect_with_will";
    case Reason::no_matching_subscribers:
      return "no_matching_subscribers";
    case Reason::no_subscription_existed:
      return "no_subscription_existed";
    case Reason::unspecified:
      return "unspecified";
    case Reason::malformed:
      return "malformed";
    case Reason::protocol_error:
      return "protocol_error";
    case Reason::implementation_specific:
      return "implementation_specific";
    case Reason::unsupported_version:
      return "unsupported_version";
    case Reason::client_id_invalid:
      return "client_id_invalid";
    case Reason::bad_credentials:
      return "bad_credentials";
    case Reason::not_authorized:
      return "not_authorized";
    case Reason::server_unavailable:
      return "server_unavailable";
    case Reason::server_busy:
      return "server_busy";
    case Reason::shutting_down:
      return "shutting_down";
    case Reason::bad_authentication_method:
      return "bad_authentication_method";
    case Reason::keep_alive_timeout:
      return "keep_alive_timeout";
    case Reason::taken_over:
      return "taken_over";
    case Reason::filter_invalid:
      return "filter_invalid";
    case Reason::topic_invalid:
      return "topic_invalid";
    case Reason::packet_id_in_use:
      return "packet_id_in_use";
    case Reason::packet_id_not_found:
      return "packet_id_not_found";
    case Reason::receive_maximum_exceeded:
      return "receive_maximum_exceeded";
    case Reason::topic_alias_invalid:
      return "topic_alias_invalid";
    case Reason::packet_too_large:
      return "packet_too_large";
    case Reason::quota_exceeded:
      return "quota_exceeded";
    case Reason::administrative_action:
      return "administrative_action";
    case Reason::payload_format_invalid:
      return "payload_format_invalid";
    case Reason::retain_not_supported:
      return "retain_not_supported";
    case Reason::qos_not_supported:
      return "qos_not_supported";
    case Reason::shared_not_supported:
      return "shared_not_supported";
    case Reason::subscription_ids_not_supported:
      return "subscription_ids_not_supported";
  }
  return "reason";
}

std::optional<std::uint8_t> connack_code_311(Reason reason) {
  switch (reason) {
    case Reason::success:
      return 0;
    case Reason::unsupported_version:
      return 1;
    case Reason::client_id_invalid:
      return 2;
    case Reason::server_unavailable:
    case Reason::server_busy:
    case Reason::quota_exceeded:
      return 3;
    case Reason::bad_credentials:
      return 4;
    case Reason::not_authorized:
      return 5;
    default:
      return std::nullopt;
  }
}

Reason puback_reason(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return Reason::payload_format_invalid;
    case ErrorCode::unauthenticated:
    case ErrorCode::forbidden:
    case ErrorCode::pin_refused:
      return Reason::not_authorized;
    case ErrorCode::not_found:
      return Reason::topic_invalid;
    case ErrorCode::too_large:
    case ErrorCode::rate_limited:
    case ErrorCode::unavailable:
      return Reason::quota_exceeded;
    case ErrorCode::not_durable:
      return Reason::implementation_specific;
    case ErrorCode::conflict:
    case ErrorCode::timed_out:
    case ErrorCode::damaged:
    case ErrorCode::cancelled:
      return Reason::unspecified;
  }
  return Reason::unspecified;
}

Reason connack_reason(ErrorCode code) {
  switch (code) {
    case ErrorCode::unauthenticated:
      return Reason::bad_credentials;
    case ErrorCode::forbidden:
      return Reason::not_authorized;
    case ErrorCode::rate_limited:
      return Reason::server_busy;
    default:
      return Reason::server_unavailable;
  }
}

}  // namespace salus::mqtt
