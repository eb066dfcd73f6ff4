/** The name in host names: follows the organization's name until somebody types one. */

import { useEffect, useRef } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useSite } from "@/app/session";
import { TextInput } from "@/ui/form/fields";
import { nextSlug, slugOf } from "./slug";

export function SlugField({ from }: { /** Field of the organization's name. */ from: string }) {
  const { t } = useTranslation("signup");
  const { setValue, formState, clearErrors } = useFormContext();
  const name = (useWatch({ name: from }) as string | undefined) ?? "";
  const slug = (useWatch({ name: "slug" }) as string | undefined) ?? "";
  const made = useRef("");
  useEffect(() => {
    if (slug !== made.current) return;
    made.current = slugOf(name);
    if (slug !== made.current) setValue("slug", made.current, { shouldValidate: formState.isSubmitted });
  }, [name, slug, setValue, formState.isSubmitted]);

  const apex = useSite()?.apexOrigin;
  const host = apex ? new URL(apex).host : location.host;
  const isTaken = formState.errors.slug?.type === "SLUG_TAKEN";
  const offered = nextSlug(slug);
  return (
    <div>
      <TextInput
        name="slug"
        label={t("slug")}
        isCode
        isRequired
        maxLength={40}
        description={
          <span dir="ltr" className="break-all">
            {slug || t("slug_example")}.{host}
          </span>
        }
      />
      {isTaken && (
        <button
          type="button"
          className="mt-1 text-link underline"
          onClick={() => {
            clearErrors("slug");
            setValue("slug", offered, { shouldDirty: true });
          }}
        >
          {t("slug_offer", { slug: offered })}
        </button>
      )}
    </div>
  );
}
