/** The picture: chosen, seen at once, and taken back by "Undo". */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { Button } from "@/ui/Button";
import { ErrorPanel } from "@/ui/ErrorPanel";
import { Initials } from "@/ui/Initials";
import { Section } from "@/ui/Page";
import { toast } from "@/ui/toast";
import { useFocusAfterRemoval } from "@/ui/useFocusAfterRemoval";
import { ACCOUNT_QUERIES, type Account, accountQuery, pictureQuery, removePicture, setPicture } from "./account";
import { shrunk } from "./shrink";

export function PicturePart({ account }: { account: Account }) {
  const { t } = useTranslation("account");
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const picture = useQuery(pictureQuery(account)).data;
  const buttons = useFocusAfterRemoval<HTMLDivElement>(account.avatar ? ["picture"] : [], (element) =>
    element.querySelector("button"),
  );
  const change = useWrite<Blob | undefined>({
    send: async (file) => {
      // "Undo" comes later than the version that was on the page.
      const { version } = await queries.fetchQuery({ ...accountQuery, staleTime: 0 });
      return file ? setPicture(version, file) : removePicture(version);
    },
    invalidates: ACCOUNT_QUERIES,
  });
  const changeTo = (file: Blob | undefined) =>
    change.mutate(file, {
      onSuccess: () =>
        toast.success(file ? t("picture_set") : t("picture_removed"), { undo: () => change.mutateAsync(picture) }),
    });
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (file) changeTo(await shrunk(file));
  };
  return (
    <Section title={t("picture")}>
      {change.error && (
        <div className="mb-4">
          <ErrorPanel error={change.error} compact />
        </div>
      )}
      <div className="flex flex-wrap items-center gap-5">
        {account.avatar && picture ? (
          <Picture file={picture} />
        ) : (
          <Initials name={account.display_name} className="size-20 text-2xl" />
        )}
        <div className="grid gap-2">
          <div ref={buttons} className="flex flex-wrap gap-2">
            <Button icon="upload" isPending={change.isPending} onPress={() => input.current?.click()}>
              {account.avatar ? t("picture_other") : t("picture_choose")}
            </Button>
            {account.avatar && (
              <Button
                data-row="picture"
                variant="ghost"
                icon="trash-2"
                isDisabled={change.isPending}
                onPress={() => changeTo(undefined)}
              >
                {t("picture_remove")}
              </Button>
            )}
          </div>
          <p className="text-xs text-muted">{t("picture_hint")}</p>
          <input
            ref={input}
            type="file"
            accept="image/png,image/jpeg,image/webp"
            aria-label={t("picture_choose")}
            onChange={(event) => void choose(event)}
            className="sr-only"
            tabIndex={-1}
          />
        </div>
      </div>
    </Section>
  );
}

function Picture({ file }: { file: Blob }) {
  const { t } = useTranslation("account");
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return <img src={url} alt={t("picture")} width={80} height={80} className="size-20 rounded-full object-cover" />;
}
