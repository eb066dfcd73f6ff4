import type { Samples } from "../routes";

export const samples: Samples = async () => ({ "/imports/$kind": "/imports/products" });
