// Shapes that the modules share, for the type checker only: no browser loads this file.

export interface Contact {
  id: string;
  name: string;
  phone?: string | null;
  url?: string | null;
  email?: string | null;
  web?: string | null;
  hours: string;
  emergency: boolean;
}

export interface HelpCard {
  lang: string;
  contacts: Contact[];
}

export interface Option {
  id: string;
  title: string;
}

export interface Choices {
  options: Option[];
  send: string;
  prefix: string;
  suffix: string;
}

export interface FormField {
  name: string;
  type: string;
  label: string;
  help?: string;
  required?: boolean;
  channels?: string[];
  options?: { value: string; title: string }[];
  days: { value: string; title: string }[];
  labels: Record<string, string>;
  value?: string;
  max?: number;
}

export interface Form {
  kind: "contact" | "keep" | "open";
  url: string;
  fields: FormField[];
  words: Record<string, string>;
  send: string;
  sent?: string;
}

export interface Message {
  id?: string;
  text: string;
  lang: string;
  kind: string;
  buttons?: { title: string; payload: string }[];
  links?: { title: string; url: string }[];
  choices?: Choices;
  form?: Form | { kind: "contact"; sent: string };
  downloads?: Download[];
  progress?: { step: number; of: number };
  reviewed?: string;
  help?: HelpCard;
}

export interface Download {
  title: string;
  url: string;
  type: string;
}

export interface Reply {
  token?: string;
  lang?: string;
  messages?: Message[];
  message?: string;
  error?: string;
  fields?: string[];
  help?: HelpCard;
  contact_ref?: string;
}

/** A call that waits for its reply. `secret` ones are never kept beyond this page. */
export interface Call {
  path: string;
  body: Record<string, unknown>;
  key: string;
  secret?: boolean;
}

export interface State {
  token: string | null;
  lang: string;
  items: Message[];
  pending: Call | null;
}

export interface Setup {
  lang: string;
  asked: boolean;
  topic: string | null;
  site: string | null;
  host: string | null;
  exit: string;
  faults: string[];
  languages: Record<string, "ltr" | "rtl">;
  labels: Record<string, string>;
  help: HelpCard;
}

/** What frame.js, which comes before everything, has for the modules. */
export interface Frame {
  setup: Setup;
  left: boolean;
  started: boolean;
  tokens: Set<string>;
  forget(): void;
  leave(): void;
}

declare global {
  var kompas: Frame;
}
