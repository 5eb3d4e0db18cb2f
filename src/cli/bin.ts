#!/usr/bin/env node
import module from "node:module";

// From Node.js 22.8 on, compiled code is kept on the disk, as ESLint's own command does; only of what is loaded afterwards.
(module as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();

const { main } = await import("./main.ts");
const { stdout, stderr, env } = process;
process.exitCode = await main(process.argv.slice(2), { cwd: process.cwd(), env, stdout, stderr });
