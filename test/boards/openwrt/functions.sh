# A stand-in for OpenWrt's /lib/functions.sh.
config_cb() { :; }
option_cb() { :; }
list_cb() { :; }

config() {
	_count=$((${_count:-0} + 1))
	_section=${2:-cfg$_count}
	config_cb "$1" "$_section"
}

option() {
	eval "CONFIG_${_section}_$1=\$2"
	option_cb "$1" "$2"
}

list() {
	list_cb "$1" "$2"
}

config_load() {
	_section=
	eval "$(uci -S -n export "$1")"
	[ -z "$_section" ] || config_cb
}

package() { :; }

config_get() { # variable section option default
	eval "$1=\${CONFIG_${2}_$3:-\$4}"
}

config_get_bool() {
	local got
	config_get got "$2" "$3" "$4"
	case "$got" in
		1 | on | true | yes | enabled) got=1 ;;
		0 | off | false | no | disabled) got=0 ;;
		*) got=$4 ;;
	esac
	eval "$1=$got"
}

default_postinst() {
	/etc/init.d/stagebox enable
	/etc/init.d/stagebox start
}

default_prerm() {
	/etc/init.d/stagebox disable
	/etc/init.d/stagebox stop
}
