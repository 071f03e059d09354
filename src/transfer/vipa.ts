/** A VIPA as every node of the cluster knows it. */
import type { ApplicationName, NodeId, VipaName } from '../../actors/vocabulary.ts';
import type { Takeback } from '../../actors/vipa.ts';
import type { PortSettings } from '../ports/shared-pool.ts';

/** How a distributed VIPA spreads its connections (CT-18). */
export type DistributionPolicy = 'roundRobin' | 'leastConnections' | 'weighted' | 'clientAffinity';

export interface Distribution {
  readonly to: ApplicationName;
  readonly policy: DistributionPolicy;
  /** By node; one that is left out weighs 1. */
  readonly weights: ReadonlyMap<NodeId, number>;
}

/** An endpoint that one node owns at a time. */
export interface Vipa {
  readonly name: VipaName;
  readonly address: string;
  readonly port: number;
  /** Answers its clients; of a distributed VIPA, the one that spreads them. */
  readonly routing: ApplicationName;
  readonly distribution: Distribution | undefined;
  /** The owner, then its backups in order. */
  readonly preference: readonly NodeId[];
  readonly takeback: Takeback;
  readonly hopsMax: number;
  /** Set where stacks share the source ports of its address. */
  readonly sharedPorts?: PortSettings | undefined;
}

/** A subnet of whose addresses each is owned by the node that binds it. */
export interface VipaRange {
  readonly name: VipaName;
  readonly subnet: string;
  readonly hopsMax: number;
  readonly sharedPorts?: PortSettings | undefined;
}
