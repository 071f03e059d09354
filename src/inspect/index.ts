/** The public names of `interplex/inspect`: the inspector, charts and recordings (AF-7). */
export { chartOf, type Chart, type ChartArrow, type ChartState } from './chart.ts';
export { startInspector, type InspectedWorld, type Inspector } from './inspector.ts';
export type { InspectorOptions } from './options.ts';
export { recordingOf } from './trace-recording.ts';
export type { InspectionRecord } from './records.ts';
