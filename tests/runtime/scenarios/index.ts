/** Every proof there is: a rule has one at least, or says why there is none. */
import { concurrency } from "./concurrency.ts";
import { frameworks } from "./frameworks.ts";
import { rpc } from "./rpc.ts";
import type { Proof } from "./scenario.ts";
import { scheduling } from "./scheduling.ts";
import { state } from "./state.ts";
import { storage } from "./storage.ts";
import { websockets } from "./websockets.ts";
import { wrangler } from "./wrangler.ts";

export const proofs: readonly Proof[] = [...scheduling, ...concurrency, ...rpc, ...frameworks, ...state, ...storage, ...websockets, ...wrangler];
