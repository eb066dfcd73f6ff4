/** Apart from the page, so that the page is drawn before checks of forms are read. */
export { zLoginIn, zOperatorLoginIn } from "@/api/zod.gen";
