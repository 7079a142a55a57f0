// What the API sends, by the console's own names; `npm run types` writes the shapes.
import type * as api from "./api-types";

export type Alert = api.AlertBody;
export type Streamed = api.StreamedBody;
export type Detail = api.AlertDetail;
export type Evidence = api.EvidenceBody;
export type Mask = api.MaskBody;
export type Origin = Alert["origin"];
export type Page = api.AlertPage;
export type Rationale = api.RationaleBody;
export type Scenery = api.SceneryBody;
export type Session = api.SessionBody;
export type Severity = Alert["severity"];
export type Silent = api.SilentBody;
export type Source = api.SourceBody;
export type State = Alert["state"];
export type Status = api.StatusBody;
export type Transition = api.TransitionBody;
