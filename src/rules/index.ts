/** Every rule, in the order in which documents list them. */
import type { DurableObjectsRule } from "./define-rule.ts";
import noUnpersistedState from "./state/no-unpersisted-state.ts";
import noTimerScheduling from "./scheduling/no-timer-scheduling.ts";

export const rules: readonly DurableObjectsRule[] = [noTimerScheduling, noUnpersistedState];
