import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["tests/wrangler-oracle/*.oracle.ts"] } });
