#pragma once

namespace salus::app {
inline constexpr const char* version = SALUS_VERSION;
}
