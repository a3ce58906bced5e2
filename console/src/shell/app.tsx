// The frame of the console: providers, and a page for each address. The ward comes with the first load, the rest when asked.
import { lazy, Suspense } from "react";
import { BrowserRouter, Link, Route, Routes } from "react-router-dom";
import { CodesProvider } from "../api/codes";
import { LanguageProvider, use_words } from "../i18n/language";
import { FeedProvider } from "../live/ward_feed";
import { SignInPage } from "../pages/sign_in";
import { WardPage } from "../pages/ward/ward_page";
import { SoundProvider } from "../sound/sound_provider";
import { ViewProvider } from "../ward/view_settings";
import { PainterProvider } from "../ward/wave_canvas";
import { Frame } from "./frame";
import { PinProvider } from "./pin";
import { SessionProvider, use_session } from "./session";
import { ThemeProvider } from "./theme";

const AlarmsPage = lazy(() => import("../pages/alarms"));
const BedPage = lazy(() => import("../pages/bed/bed_page"));
const BedsPage = lazy(() => import("../pages/beds"));
const DevicesPage = lazy(() => import("../pages/devices"));
const LimitsPage = lazy(() => import("../pages/limits"));
const EscalationPage = lazy(() => import("../pages/escalation"));
const UsersPage = lazy(() => import("../pages/users"));
const StationsPage = lazy(() => import("../pages/stations"));
const AuditPage = lazy(() => import("../pages/audit"));
const PatientsPage = lazy(() => import("../pages/patients/patients_page"));
const ChartPage = lazy(() => import("../pages/patients/chart_page"));
const StatusPage = lazy(() => import("../pages/status"));

function Missing() {
  const { t } = use_words();
  return (
    <div className="sight">
      <p>{t.this_page_missing}</p>
      <Link to="/">{t.to_ward}</Link>
    </div>
  );
}

function Console() {
  const { t } = use_words();
  return (
    <SoundProvider>
      <PainterProvider>
        <Frame>
          <Suspense fallback={<div className="sight">{t.loading}</div>}>
            <Routes>
              <Route path="/" element={<WardPage />} />
              <Route path="/bed/:device/*" element={<BedPage />} />
              <Route path="/alarms/*" element={<AlarmsPage />} />
              <Route path="/patients" element={<PatientsPage />} />
              <Route path="/patients/:id/*" element={<ChartPage />} />
              <Route path="/beds" element={<BedsPage />} />
              <Route path="/devices" element={<DevicesPage />} />
              <Route path="/limits" element={<LimitsPage />} />
              <Route path="/escalation" element={<EscalationPage />} />
              <Route path="/users" element={<UsersPage />} />
              <Route path="/stations" element={<StationsPage />} />
              <Route path="/audit" element={<AuditPage />} />
              <Route path="/status" element={<StatusPage />} />
              <Route path="*" element={<Missing />} />
            </Routes>
          </Suspense>
        </Frame>
      </PainterProvider>
    </SoundProvider>
  );
}

function Pages() {
  const { session } = use_session();
  if (!session) return <SignInPage />;
  const console = (
    <FeedProvider key={session.token}>
      <ViewProvider>
        <CodesProvider>
          <Console />
        </CodesProvider>
      </ViewProvider>
    </FeedProvider>
  );
  return session.station ? <PinProvider>{console}</PinProvider> : console;
}

export function App() {
  return (
    <LanguageProvider>
      <ThemeProvider>
        <SessionProvider>
          <BrowserRouter>
            <Pages />
          </BrowserRouter>
        </SessionProvider>
      </ThemeProvider>
    </LanguageProvider>
  );
}
