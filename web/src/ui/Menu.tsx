/** A menu of things to do, opened by a button. */
import { Dropdown } from "@heroui/react/dropdown";
import { Label } from "@heroui/react/label";
import type { ReactElement } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Header } from "react-aria-components/Header";
import { type ButtonLook, buttonLook } from "./button-look";
import { Icon, type IconName } from "./icons";

export interface MenuAction {
  id: string;
  label: string;
  icon?: IconName;
  /** Goes somewhere outside the router (another host); `onAction` otherwise. */
  href?: string;
  onAction?: () => void;
  isDanger?: boolean;
  isDisabled?: boolean;
  /** Marks the choice that holds. */
  isChosen?: boolean;
}

export interface MenuSection {
  id: string;
  title?: string;
  actions: MenuAction[];
}

interface Props extends ButtonLook {
  label: string;
  sections: MenuSection[];
  /** What the button that opens it says… */
  text?: string;
  icon?: IconName;
  /** …or a button of React Aria's, such as an `IconButton`. */
  children?: ReactElement;
}

export function Menu({ label, sections, text, icon, children, ...look }: Props) {
  const actions = new Map(sections.flatMap((section) => section.actions.map((action) => [action.id, action])));
  return (
    <Dropdown>
      {children ?? (
        <AriaButton className={buttonLook(look)}>
          {icon && <Icon name={icon} />}
          {text ?? label}
          <Icon name="chevron-down" />
        </AriaButton>
      )}
      <Dropdown.Popover placement="bottom end" className="min-w-56">
        <Dropdown.Menu aria-label={label} onAction={(key) => actions.get(String(key))?.onAction?.()}>
          {sections.map((section) => (
            // A section and an action of one id would be one node of the list, and its own parent.
            <Dropdown.Section key={section.id} id={`section:${section.id}`} aria-label={section.title ?? label}>
              {section.title && (
                <Header className="px-2.5 pt-2 pb-1 text-xs font-medium text-muted">{section.title}</Header>
              )}
              {section.actions.map((action) => (
                <Dropdown.Item
                  key={action.id}
                  id={action.id}
                  href={action.href}
                  textValue={action.label}
                  isDisabled={action.isDisabled}
                  variant={action.isDanger ? "danger" : "default"}
                >
                  {action.icon && <Icon name={action.icon} className="size-4 text-muted" />}
                  <Label className="min-w-0 flex-1 truncate">{action.label}</Label>
                  {action.isChosen && <Icon name="check" className="size-4 text-accent" />}
                </Dropdown.Item>
              ))}
            </Dropdown.Section>
          ))}
        </Dropdown.Menu>
      </Dropdown.Popover>
    </Dropdown>
  );
}
