// What every service's /metrics has: the process's own figures, and which build it is.

import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { noctuaVersion } from "../core/version.js";

/** A registry of its own for each service, so that several can live in one test. */
export function serviceRegistry(service: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "noctua_build_info",
    help: "Always 1; its labels say which build of which service this is.",
    labelNames: ["service", "version", "node"],
    registers: [registry],
  }).set({ service, version: noctuaVersion, node: process.version }, 1);
  return registry;
}

/** Adds a figure that is read when somebody asks for it. */
export type AddGauge = (name: string, help: string, read: () => number) => void;

/** For figures whose names begin with `prefix`. */
export function gaugesIn(registry: Registry, prefix: string): AddGauge {
  return (name, help, read) => {
    new Gauge({
      name: `${prefix}_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
}
