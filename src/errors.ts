/** AF-9: what can go wrong by bad input, bad luck or another's fault. Stable; append only. */
const codes = [
  // Configuration.
  'IPX_OPTION_INVALID',
  'IPX_NAME_INVALID',
  'IPX_NAME_TAKEN',
  'IPX_NODE_UNKNOWN',
  'IPX_APPLICATION_UNKNOWN',
  'IPX_VIPA_OWNER',
  // Applications.
  'IPX_APPLICATION_MISSING',
  'IPX_APPLICATION_INVALID',
  'IPX_APPLICATION_FAILED',
  'IPX_TYPESCRIPT_LOADER',
  'IPX_EFFECT_UNPROVIDED',
  // Nodes and threads.
  'IPX_NODE_FAILED',
  'IPX_NODE_LOST',
  'IPX_NODE_BLOCKED',
  'IPX_NODE_STOPPED',
  'IPX_CLUSTER_STOPPED',
  'IPX_START_TIMEOUT',
  // Listeners.
  'IPX_PORT_HELD',
  'IPX_ADDRESS_HELD',
  'IPX_ADDRESS_UNUSABLE',
  // Clients.
  'IPX_CLIENT_GONE',
  'IPX_CLIENT_ENDED',
  'IPX_CLIENT_TRANSFERRED',
  'IPX_READ_PENDING',
  'IPX_READ_TIMEOUT',
  'IPX_READ_LIMIT',
  'IPX_HTTP_REFUSED',
  'IPX_TLS_REFUSED',
  // Transfers: what the target, the client or the deadline said.
  'IPX_TARGET_NONE',
  'IPX_TARGET_SILENT',
  'IPX_TARGET_LOST',
  'IPX_TARGET_REJECTED',
  'IPX_TARGET_FAILED',
  'IPX_TARGET_UNKNOWN',
  'IPX_REASON_MISSING',
  'IPX_DECISION_INVALID',
  'IPX_CUSTODY_LOST',
  'IPX_CUSTODY_FULL',
  'IPX_CARRIER_NONE',
  'IPX_DEADLINE',
  'IPX_HOPS_EXCEEDED',
  'IPX_STATE_INVALID',
  'IPX_STATE_LIMIT',
  'IPX_CLIENT_TLS',
  'IPX_CLIENT_HTTP',
  'IPX_CLIENT_DECODED',
  'IPX_CLIENT_MOVING',
  'IPX_CLIENT_HALF_SENT',
  'IPX_CLIENT_UNDRAINED',
  'IPX_UNREAD_LIMIT',
  'IPX_STACK_DRAINING',
  'IPX_CHANNEL_CLOSED',
  // Actors.
  'IPX_ADDRESS_INVALID',
  'IPX_ACTOR_UNKNOWN',
  'IPX_ACTOR_LOST',
  'IPX_ACTOR_FAILED',
  'IPX_ACTOR_LIMIT',
  'IPX_MAILBOX_FULL',
  'IPX_ASK_TIMEOUT',
  'IPX_ASK_CYCLE',
  'IPX_ASK_LIMIT',
  'IPX_EVENTS_INVALID',
  // Checking.
  'IPX_CHECK_LIMIT',
  'IPX_CHECK_ENVIRONMENT',
  'IPX_CHECK_CONTEXT',
  'IPX_CHECK_STEP',
  'IPX_CHECK_PROPERTY',
  'IPX_CHECK_TRACE',
  'IPX_CHECK_DIFFERENCE',
  'IPX_CHECK_UNRUNNABLE',
  // Messaging between processes.
  'IPX_CONFIG_INVALID',
  // Command line.
  'IPX_USAGE',
  'IPX_MACHINE_UNKNOWN',
  'IPX_MODEL_UNKNOWN',
  // Source ports.
  'IPX_PORTS_UNSHARED',
  'IPX_PORTS_EXHAUSTED',
  'IPX_PORTS_REGISTERING',
  'IPX_PORTS_LOST',
  'IPX_PORT_INVALID',
  'IPX_PORT_OUTSIDE',
  'IPX_PORT_TAKEN',
  'IPX_PORT_RETURNED',
  'IPX_PORT_PRIVILEGED',
  'IPX_PORT_FOREIGN',
  // Inspection.
  'IPX_COMMAND_REFUSED',
  'IPX_RECORDING_INVALID',
  // Cluster messages.
  'IPX_KEY_INVALID',
  'IPX_KEY_MISSING',
  'IPX_ADAPTERS_OVERLAP',
  'IPX_MESSAGE_LIMIT',
  'IPX_MESSAGE_TIMEOUT',
  'IPX_MESSAGE_UNHEARD',
  'IPX_MESSAGE_FAILED',
  'IPX_OUTBOUND_FULL',
  'IPX_MESSENGER_CLOSED',
  // Data ports.
  'IPX_FRAME_INVALID',
  'IPX_FRAME_VERSION',
  'IPX_FRAME_LIMIT',
  'IPX_FRAME_CORRUPT',
  'IPX_PATH_LOST',
  'IPX_PATH_UNKNOWN',
  'IPX_PORT_UNREACHABLE',
  'IPX_PORT_UNKNOWN',
  'IPX_PORT_FENCED',
  'IPX_PORT_LOST',
  'IPX_PORT_CLOSED',
  'IPX_PORT_CONGESTED',
  'IPX_PORT_LIMIT',
  'IPX_PORT_CERTIFICATE',
  'IPX_SERVICE_UNKNOWN',
  'IPX_SERVICE_TAKEN',
  'IPX_SERVICE_FAILED',
  'IPX_CHANNEL_UNKNOWN',
  'IPX_CHANNEL_TAKEN',
  'IPX_CHANNEL_ENDED',
  // Mirrors.
  'IPX_MIRROR_SOURCE',
  'IPX_MIRROR_HISTORY',
  'IPX_MIRROR_HELD',
  'IPX_MIRROR_REPLICA',
  'IPX_MIRROR_FOREIGN',
  'IPX_MIRROR_MESSAGE',
  'IPX_MIRROR_LIMIT',
  'IPX_MIRROR_LOST',
  'IPX_MIRROR_CLOSED',
] as const;

export type ErrorCode = (typeof codes)[number];

/** Whether a word that came from another thread is a code of ours. */
export const isErrorCode = (word: string): word is ErrorCode => codes.some((code) => code === word);

export const isCheckCode = (code: ErrorCode): boolean => code.startsWith('IPX_CHECK_');

/** A promise to the caller that cannot be kept: `code` is stable, `message` says what to do. */
export class InterplexError extends Error {
  override readonly name = 'InterplexError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The sentence of whatever was thrown. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
