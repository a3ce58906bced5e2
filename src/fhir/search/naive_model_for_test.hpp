// What a search means, told a second time and as plainly as can be: every resource is asked in turn, its elements come
// from the FHIRPath evaluator as JSON, and what R4 says is said of that JSON. Shares no code with the index.
#pragma once

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fhir/document/json.hpp"
#include "fhir/path/expression.hpp"

namespace salus::fhir::search {

namespace json = boost::json;

class NaiveModel {
 public:
  struct Element {
    std::string type;  // "CodeableConcept"
    json::value value;
  };

  // The elements of a parameter, of one document.
  std::vector<Element> elements(const SearchParameter& parameter, const Document& document) {
    auto [at, made] = expressions_.try_emplace(std::string(parameter.expression));
    if (made) {
      auto compiled = path::Expression::compile(parameter.expression);
      if (compiled) at->second = std::move(*compiled);
    }
    std::vector<Element> out;
    if (!at->second) return out;
    path::Environment environment;
    environment.resolver = &resolver_;
    const auto items = at->second->evaluate(document, environment);
    if (!items) return out;
    for (const path::Value& item : *items) {
      if (const path::NodeRef* ref = item.node()) {
        std::string text;
        write_json(*ref->document, *ref->node, {}, text);
        std::error_code ec;
        json::value value = json::parse(text, ec);
        if (!ec) out.push_back({std::string(document.definitions().name(ref->type())), std::move(value)});
      } else if (const auto truth = path::boolean_of(item)) {
        out.push_back({"boolean", *truth});
      }
    }
    return out;
  }

  // Whether one element meets one value (no commas) of a search by a parameter of this type.
  static bool meets(SearchType type, std::string_view modifier, const std::string& asked, const Element& e) {
    switch (type) {
      case SearchType::token:
        return token(modifier, asked, e);
      case SearchType::string:
        return text(modifier, asked, e);
      case SearchType::reference:
        return reference(modifier, asked, e);
      case SearchType::uri:
        return e.value.is_string() && e.value.as_string() == asked;
      case SearchType::date:
        return date(asked, e);
      case SearchType::number:
        return e.value.is_number() && number(asked, e.value);
      case SearchType::quantity:
        return quantity(asked, e);
      default:
        return false;
    }
  }

  // Seconds, [first, last).
  static std::optional<std::pair<double, double>> interval(const Element& e) {
    if (e.value.is_string()) return interval(std::string(e.value.as_string()));
    if (e.type != "Period") return std::nullopt;
    const auto start = interval(string_of(e.value, "start")), end = interval(string_of(e.value, "end"));
    return std::pair{start ? start->first : -1e15, end ? end->second : 1e15};
  }

  static std::string string_of(const json::value& value, std::string_view name) {
    const json::object* object = value.if_object();
    const json::value* held = object == nullptr ? nullptr : object->if_contains(name);
    return held == nullptr || !held->is_string() ? "" : std::string(held->as_string());
  }
  static std::string lower(std::string text) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
  }
  // All texts within names and addresses, or the text itself.
  static std::vector<std::string> texts(const Element& e) {
    std::vector<std::string> out;
    if (e.value.is_string()) return {std::string(e.value.as_string())};
    if (!e.value.is_object()) return out;
    for (const auto& [name, value] : e.value.as_object()) {
      if (name == "use" || name == "type" || name == "period" || name == "extension") continue;
      if (value.is_string()) out.emplace_back(value.as_string());
      if (value.is_array())
        for (const json::value& item : value.as_array())
          if (item.is_string()) out.emplace_back(item.as_string());
    }
    return out;
  }

 private:
  // Leads everywhere: to an empty resource of the type that stands in the reference.
  class AnyResource final : public path::Resolver {
   public:
    std::optional<path::NodeRef> resolve(std::string_view reference) const override {
      const std::string type{reference.substr(0, reference.find('/'))};
      if (reference.find('/') == std::string_view::npos || Definitions::r4().type(type) == TypeId::none)
        return std::nullopt;
      auto& held = documents_[type];
      if (!held) held = std::move(*read_json(R"({"resourceType":")" + type + R"("})"));
      return path::NodeRef{&*held, &held->root()};
    }

   private:
    mutable std::map<std::string, std::optional<Document>> documents_;
  };

  static bool token(std::string_view modifier, const std::string& asked, const Element& e) {
    std::vector<std::pair<std::string, std::string>> held;  // system, code
    std::vector<std::string> said;
    const auto coding = [&](const json::value& value) {
      held.emplace_back(string_of(value, "system"), string_of(value, "code"));
      said.push_back(string_of(value, "display"));
    };
    if (e.value.is_bool()) held.emplace_back("", e.value.as_bool() ? "true" : "false");
    if (e.value.is_string()) held.emplace_back("", e.value.as_string());
    if (e.type == "Coding") coding(e.value);
    if (e.type == "Identifier") held.emplace_back(string_of(e.value, "system"), string_of(e.value, "value"));
    if (e.type == "ContactPoint") held.emplace_back("", string_of(e.value, "value"));
    if (e.type == "CodeableConcept") {
      if (const json::value* codings = e.value.as_object().if_contains("coding"))
        for (const json::value& item : codings->as_array()) coding(item);
      said.push_back(string_of(e.value, "text"));
    }
    if (modifier == "text") {
      for (const std::string& text : said)
        if (lower(text).starts_with(lower(asked))) return true;
      return false;
    }
    const std::size_t bar = asked.find('|');
    for (const auto& [system, code] : held) {
      if (bar == std::string::npos
              ? code == asked
              : system == asked.substr(0, bar) && (bar + 1 == asked.size() || code == asked.substr(bar + 1)))
        return true;
    }
    return false;
  }

  static bool text(std::string_view modifier, const std::string& asked, const Element& e) {
    for (const std::string& held : texts(e)) {
      if (modifier.empty() && lower(held).starts_with(lower(asked))) return true;
      if (modifier == "exact" && held == asked) return true;
      if (modifier == "contains" && lower(held).find(lower(asked)) != std::string::npos) return true;
    }
    return false;
  }

  static bool reference(std::string_view modifier, const std::string& asked, const Element& e) {
    const std::string held = string_of(e.value, "reference");
    if (!modifier.empty()) return held == std::string(modifier) + '/' + asked;
    if (asked.find('/') != std::string::npos) return held == asked;
    return held.ends_with('/' + asked) && held.find("://") == std::string::npos;
  }

  static std::optional<std::pair<double, double>> interval(const std::string& said) {
    int year = 0, month = 1, day = 1, hour = 0, minute = 0, zone_hour = 0, zone_minute = 0;
    double second = 0;
    const std::size_t clock = said.find('T');
    const int parts = std::sscanf(said.c_str(), "%4d-%2d-%2d", &year, &month, &day);
    if (parts < 1) return std::nullopt;
    const auto at = [](int y, int m, int d, double s) {
      std::tm tm{};
      tm.tm_year = y - 1900, tm.tm_mon = m - 1, tm.tm_mday = d;
      return static_cast<double>(timegm(&tm)) + s;
    };
    if (clock == std::string::npos) {
      const double from = at(year, month, day, 0);
      return std::pair{from, parts == 1   ? at(year + 1, 1, 1, 0)
                             : parts == 2 ? at(year, month + 1, 1, 0)
                                          : at(year, month, day + 1, 0)};
    }
    const std::string rest = said.substr(clock + 1);
    const std::size_t zone = rest.find_first_of("Z+-");
    const int clocks = std::sscanf(rest.c_str(), "%2d:%2d:%lf", &hour, &minute, &second);
    if (zone != std::string::npos && rest[zone] != 'Z')
      std::sscanf(rest.c_str() + zone + 1, "%2d:%2d", &zone_hour, &zone_minute);
    const double shift = (zone_hour * 60 + zone_minute) * (zone != std::string::npos && rest[zone] == '-' ? 60 : -60);
    const double from = at(year, month, day, hour * 3600 + minute * 60 + second + shift);
    const std::size_t point = rest.find('.');
    double length = clocks < 3 ? 60 : 1;
    if (point != std::string::npos)
      for (std::size_t i = point + 1; i < rest.size() && rest[i] >= '0' && rest[i] <= '9'; ++i) length /= 10;
    return std::pair{from, from + length};
  }

  static bool date(const std::string& asked, const Element& e) {
    const auto held = interval(e);
    const bool prefixed = asked[0] < '0' || asked[0] > '9';
    const std::string prefix = prefixed ? asked.substr(0, 2) : "eq";
    const auto wanted = interval(prefixed ? asked.substr(2) : asked);
    if (!held || !wanted) return false;
    const auto [rs, re] = *held;
    const auto [qs, qe] = *wanted;
    constexpr double slack = 1e-7;  // seconds in doubles
    const bool within = rs >= qs - slack && re <= qe + slack;
    if (prefix == "eq") return within;
    if (prefix == "ne") return !within;
    if (prefix == "gt") return re > qe + slack;
    if (prefix == "lt") return rs < qs - slack;
    if (prefix == "ge") return re > qe + slack || within;
    if (prefix == "le") return rs < qs - slack || within;
    if (prefix == "sa") return rs >= qe - slack;
    if (prefix == "eb") return re <= qs + slack;
    return false;
  }

  // Times 10^15.
  static __int128 scaled(std::string_view digits) {
    __int128 value = 0;
    int after = -1;
    bool negative = false;
    for (const char c : digits) {
      if (c == '-') negative = true;
      if (c == '.') after = 0;
      if (c < '0' || c > '9' || after >= 15) continue;
      value = value * 10 + (c - '0');
      if (after >= 0) ++after;
    }
    for (int i = std::max(after, 0); i < 15; ++i) value *= 10;
    return negative ? -value : value;
  }

  static bool number(std::string asked, const json::value& value) {
    std::string prefix = "eq";
    if (asked[0] >= 'a' && asked[0] <= 'z') prefix = asked.substr(0, 2), asked = asked.substr(2);
    const __int128 held = scaled(value.is_double() ? fmt::format("{}", value.as_double()) : json::serialize(value));
    const __int128 wanted = scaled(asked);
    const std::size_t point = asked.find('.');
    __int128 half = 500'000'000'000'000;
    for (std::size_t i = point; point != std::string::npos && i + 1 < asked.size(); ++i) half /= 10;
    const bool within = held >= wanted - half && held < wanted + half;
    if (prefix == "eq") return within;
    if (prefix == "ne") return !within;
    if (prefix == "gt" || prefix == "sa") return held > wanted;
    if (prefix == "lt" || prefix == "eb") return held < wanted;
    if (prefix == "ge") return held >= wanted;
    if (prefix == "le") return held <= wanted;
    return false;
  }

  // "5.4" and "5.4||unit".
  static bool quantity(const std::string& asked, const Element& e) {
    const std::size_t bar = asked.find("||");
    const json::object* object = e.value.if_object();
    const json::value* value = object == nullptr ? nullptr : object->if_contains("value");
    if (value == nullptr || !number(asked.substr(0, bar), *value)) return false;
    if (bar == std::string::npos) return true;
    const std::string unit = asked.substr(bar + 2);
    return string_of(e.value, "code") == unit || string_of(e.value, "unit") == unit;
  }

  AnyResource resolver_;
  std::map<std::string, std::optional<path::Expression>> expressions_;
};

}  // namespace salus::fhir::search
