/** An import of which some rows are wrong. */
import type { Samples } from "../routes";
import { importFile } from "../stock";

export const samples: Samples = async (founder) => {
  const csv = "sku,name,price,currency\nTEA-1,Green tea,4.50,EUR\nTEA-2,Black tea,many,EUR\n,No SKU,1.00,EUR\n";
  const { id } = await importFile(founder, "products", csv);
  return { "/jobs/$id": `/jobs/${id}` };
};
