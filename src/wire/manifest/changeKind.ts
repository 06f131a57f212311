/** What people are told of a kind of change: `ringfence get kinds`. */
export interface ChangeKindFacts {
  /** What a change of this kind is. */
  readonly says: string;
  /** Who carries it out: the agent beside the target, or the server itself. */
  readonly by: 'agent' | 'server';
  /** What a slot of this kind holds. */
  readonly content: string;
  /** How it is shown by its effect. */
  readonly verified: string;
  readonly undone: string;
}

/**
 * The kinds of change this version knows: what may stand before the slash of a slot's name. Whoever handles changes by kind
 * (drivers, slots of an agent's file) keeps a record of {@link AgentKind} or {@link ServerKind}, so that a new name here does not
 * compile until everyone handles it.
 */
export const CHANGE_KINDS = {
  config: {
    says: 'a configuration file, replaced as a whole',
    by: 'agent',
    content: 'the bytes of the file',
    verified: 'the running service says which SHA-256 it holds; where it cannot be asked, the file is read back',
    undone: 'the old bytes, mode and owner are put back, and the service is told again, or restarted',
  },
  template: {
    says: 'a configuration file that each target fills in with its own labels',
    by: 'agent',
    content: 'the template; {{ labels.NAME }} stands for the label',
    verified: 'as config is, against what the template comes to on the target',
    undone: 'as config is: the old template is filled in again, or the old bytes are put back',
  },
  webhook: {
    says: 'a system that rolls out by itself, such as a CI job, Terraform or Ansible, told to by signed webhooks',
    by: 'agent',
    content: 'what the system is to be given: parameters, a plan, a playbook',
    verified: 'the system says which revision it holds, and that its newest operation is done',
    undone: 'the system is told to hold the earlier revision, and says that it does',
  },
  package: {
    says: 'a version of a program, in an archive that its publisher has signed',
    by: 'agent',
    content:
      'a descriptor: name, version, SHA-256 and size of the archive, and the signature ("ringfence package sign" writes it)',
    verified:
      'the link leads to the version, its files are as they were unpacked, and the running service says which it is',
    undone: 'the link leads to the version before, which is still there; nothing is fetched',
  },
  script: {
    says: "something that one's own programs bring into force and take back",
    by: 'agent',
    content: 'what the programs are given: parameters, a migration, a script',
    verified: 'the verify command ends with 0',
    undone: 'the undo command brings back the revision before, and the verify command says so',
  },
  opamp: {
    says: 'a package that an agent which is not ours, such as a collector’s supervisor, installs by itself',
    by: 'server',
    content: 'its version, where it is downloaded, its SHA-256 and its signature, in YAML or JSON',
    verified: 'the agent says over OpAMP that it has this revision installed',
    undone: 'the earlier version is offered again; where there was none, none is',
  },
  flags: {
    says: 'feature flags, which OpenFeature SDKs read over OFREP',
    by: 'server',
    content: 'flags with typed variants and rules, in YAML or JSON',
    verified: 'the server evaluates every flag of it, and answers with its values from then on',
    undone: 'the server answers with the old values again, at once and from memory',
  },
} as const satisfies Readonly<Record<string, ChangeKindFacts>>;

export type ChangeKind = keyof typeof CHANGE_KINDS;

type KindBy<By extends ChangeKindFacts['by']> = {
  [Kind in ChangeKind]: (typeof CHANGE_KINDS)[Kind]['by'] extends By ? Kind : never;
}[ChangeKind];

/** Carried out by the agent: each has a driver, and a slot in the agent's file. */
export type AgentKind = KindBy<'agent'>;

/** Carried out by the server: no agent has a slot of these. */
export type ServerKind = KindBy<'server'>;

export function isChangeKind(text: string): text is ChangeKind {
  return Object.hasOwn(CHANGE_KINDS, text);
}

export function isAgentKind(text: string): text is AgentKind {
  return isChangeKind(text) && CHANGE_KINDS[text].by === 'agent';
}

export function isServerKind(text: string): text is ServerKind {
  return isChangeKind(text) && !isAgentKind(text);
}
