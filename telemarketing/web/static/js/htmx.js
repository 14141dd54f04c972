/* htmx, allowed to put HTML of our own server into the page, and nothing else: the policy has no
   createScript, and nobody may make another one (docs/decisions/0041). */
import htmx from "../vendor/htmx.esm.min.js";

const policy = globalThis.trustedTypes?.createPolicy("panel", { createHTML: (html) => html });

htmx.registerExtension("panel", { init: (api) => policy && api.initSecurity(policy) });
