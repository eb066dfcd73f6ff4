/** A filter of the ledger by days of business time. */
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { Button, Icon, type ListState } from "@/ui";
import { dayIn, dayOf, startOf } from "./days";

const FROM = "occurred_at[gte]";
const UNTIL = "occurred_at[lt]";
const LAST = [1, 7, 30, 90] as const;

export function DayFilter({ state, onState }: { state: ListState; onState: (change: ListState) => void }) {
  const { t } = useTranslation("stock-movements");
  const formats = useFormats();
  const [from, until] = [dayIn(state[FROM]), dayIn(state[UNTIL], true)];
  const shown = [from && formats.date(`${from}T12:00`), until && formats.date(`${until}T12:00`)];
  const today = dayOf(new Date());
  const last = (days: number) => onState({ [FROM]: startOf(today, 1 - days), [UNTIL]: startOf(today, 1) });
  return (
    <DialogTrigger>
      <AriaButton
        className={`button button--secondary button--sm h-9 max-w-full ${from || until ? "!bg-accent-soft !text-accent-soft-foreground" : ""}`}
      >
        <span className="truncate">
          {from || until ? `${t("days")}: ${shown.map((one) => one || "…").join(" – ")}` : t("days")}
        </span>
        <Icon name="chevron-down" />
      </AriaButton>
      <Popover placement="bottom start" className="w-72 rounded-xl bg-overlay p-4 shadow-overlay">
        <Dialog aria-label={t("days")} className="grid gap-3 outline-none">
          <div className="flex flex-wrap gap-1.5">
            {LAST.map((days) => (
              <Button key={days} size="sm" onPress={() => last(days)}>
                {t("last_days", { count: days })}
              </Button>
            ))}
          </div>
          <label className="grid gap-1">
            <span className="label">{t("from_day")}</span>
            <input
              type="date"
              className="input"
              value={from}
              max={until || undefined}
              onChange={(event) => onState({ [FROM]: startOf(event.target.value) })}
            />
          </label>
          <label className="grid gap-1">
            <span className="label">{t("until_day")}</span>
            <input
              type="date"
              className="input"
              value={until}
              min={from || undefined}
              onChange={(event) => onState({ [UNTIL]: startOf(event.target.value, 1) })}
            />
          </label>
          <Button
            size="sm"
            variant="ghost"
            isDisabled={!from && !until}
            onPress={() => onState({ [FROM]: undefined, [UNTIL]: undefined })}
          >
            {t("any_day")}
          </Button>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
