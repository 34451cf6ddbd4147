// Who a party of a run is, and what it may ask (P8).
//
//   R1. What is not allowed to a role by name is refused to it: a new rpc is a writer's until its name says that it reads.

/** What a certificate is for. The driver's own is the only one that serves gRPC. */
export const roles = ["driver", "actor", "merger", "reader", "writer"] as const;

export type Role = (typeof roles)[number];

/** Who a certificate says that its holder is. */
export interface Identity {
  /** Name of the run. */
  readonly run: string;
  readonly role: Role;
  /** The only name that its holder may take in a session; undefined leaves it free. */
  readonly name: string | undefined;
}

/** The identity as it stands in a certificate, among its other names: `noctua://<run>/<role>[/<name>]`. */
export function identityUri({ run, role, name }: Identity): string {
  const path = name === undefined ? role : `${role}/${encodeURIComponent(name)}`;
  return `noctua://${run}/${path}`;
}

/** Undefined for anything that `identityUri` does not write. */
export function identityOf(uri: string): Identity | undefined {
  const [, run, word, name] = /^noctua:\/\/([\w-]+)\/([a-z]+)(?:\/([^/]+))?$/.exec(uri) ?? [];
  const role = roles.find((known) => known === word);
  if (run === undefined || role === undefined) return undefined;
  try {
    return { run, role, name: name === undefined ? undefined : decodeURIComponent(name) };
  } catch {
    return undefined; // Not written by us.
  }
}

/** The name by which TLS knows whoever serves in this role, wherever it runs. */
export function serverName(run: string, role: Role): string {
  return `${role}.${run}.noctua`;
}

/** What is asked, of a whole path such as `/noctua.v1.JobService/GetJob`: which roles may (R1). */
export function rolesFor(path: string): readonly Role[] {
  const [, service = "", method = ""] = /^\/(?:noctua\.v1\.)?([\w.]+)\/(\w+)$/.exec(path) ?? [];
  switch (service) {
    case "ActorService":
      return ["actor"];
    case "MergerService":
      return ["merger"];
    case "JobService":
    case "ClusterService":
      return /^(?:Get|List|Watch|Explain)/.test(method) ? ["reader", "writer"] : ["writer"];
    case "grpc.health.v1.Health":
    case "grpc.reflection.v1.ServerReflection":
    case "grpc.reflection.v1alpha.ServerReflection":
      return roles;
    default:
      return [];
  }
}
