// Expat with the rules that hold for every XML that comes from outside: UTF-8, namespaces, no document type.
// Without a document type there are no entities but XML's five, and nothing that could be fetched or expanded.
#pragma once

#include <expat.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "fhir/document/issue.hpp"

namespace salus::fhir {

inline constexpr std::string_view fhir_namespace = "http://hl7.org/fhir";
inline constexpr std::string_view xhtml_namespace = "http://www.w3.org/1999/xhtml";
inline constexpr char namespace_separator = '|';

struct QualifiedName {
  std::string_view space, local;
};
inline QualifiedName qualified(std::string_view name) {
  const std::size_t at = name.rfind(namespace_separator);
  if (at == std::string_view::npos) return {{}, name};
  return {name.substr(0, at), name.substr(at + 1)};
}

// `Handler` has start(name, attributes), end(), text(text) and, where it wants to know, comment(text),
// instruction(target, text) and declared(prefix, namespace), which come before the start of the element that declares
// it.
template <class Handler>
class Expat {
 public:
  explicit Expat(Handler& handler)
      : handler_(handler), parser_(XML_ParserCreateNS("UTF-8", namespace_separator), XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const XML_Char* name, const XML_Char** attributes) { of(self).start(name, attributes); },
        [](void* self, const XML_Char*) { of(self).end(); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const XML_Char* text, int size) {
      of(self).text({text, static_cast<std::size_t>(size)});
    });
    if constexpr (requires { handler.comment(std::string_view{}); })
      XML_SetCommentHandler(parser_.get(), [](void* self, const XML_Char* text) { of(self).comment(text); });
    if constexpr (requires { handler.instruction(std::string_view{}, std::string_view{}); })
      XML_SetProcessingInstructionHandler(parser_.get(), [](void* self, const XML_Char* target, const XML_Char* text) {
        of(self).instruction(target, text);
      });
    if constexpr (requires { handler.declared(std::string_view{}, std::string_view{}); })
      XML_SetStartNamespaceDeclHandler(parser_.get(), [](void* self, const XML_Char* prefix, const XML_Char* space) {
        of(self).declared(prefix == nullptr ? "" : prefix, space == nullptr ? "" : space);
      });
    XML_SetStartDoctypeDeclHandler(
        parser_.get(), [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
          static_cast<Expat*>(self)->refuse(ErrorCode::invalid, "A document type is not taken");
        });
    XML_SetXmlDeclHandler(parser_.get(), [](void* self, const XML_Char*, const XML_Char* encoding, int) {
      if (encoding != nullptr && !is_utf8_label(encoding))
        static_cast<Expat*>(self)->refuse(ErrorCode::invalid, "The encoding is UTF-8");
    });
  }

  // False when it was refused; the issue then says why and where.
  bool parse(std::string_view text) {
    text_ = text;
    if (XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) == XML_STATUS_OK && !failed_)
      return true;
    if (!failed_) {
      issue_.message = std::string{"The XML is not well-formed: "} + XML_ErrorString(XML_GetErrorCode(parser_.get()));
      fhir::place(issue_, text_, at());
    }
    return false;
  }

  // The first refusal counts; parsing ends.
  void refuse(ErrorCode code, std::string message, std::string location = {}) {
    if (failed_) return;
    failed_ = true;
    issue_ = {.code = code, .message = std::move(message), .location = std::move(location)};
    fhir::place(issue_, text_, at());
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  bool failed() const { return failed_; }
  Issue take_issue() { return std::move(issue_); }
  // Byte of the event that is being handled.
  std::size_t at() const {
    return static_cast<std::size_t>(std::max<XML_Index>(0, XML_GetCurrentByteIndex(parser_.get())));
  }
  std::size_t event_size() const { return static_cast<std::size_t>(XML_GetCurrentByteCount(parser_.get())); }

 private:
  static Handler& of(void* self) { return static_cast<Expat*>(self)->handler_; }
  static bool is_utf8_label(std::string_view label) {
    constexpr std::string_view wanted = "utf-8";
    return std::ranges::equal(label, wanted,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  }

  Handler& handler_;
  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  std::string_view text_;
  bool failed_ = false;
  Issue issue_;
};

}  // namespace salus::fhir
